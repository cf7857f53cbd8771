import { once } from 'node:events';
import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { WebConnection } from './web-connection.ts';

test('a request that was handed over just before the tracker closes is answered, as the last', async () => {
  let connection: WebConnection;
  const webServer = createWebServer((_request, response) => {
    connection.begin(response);
    response.end('answer');
  });
  const server = createServer((socket) => {
    connection = new WebConnection(socket, new ManualClock());
    connection.drain();
    webServer.emit('connection', socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n');
  const received = await text(client);
  expect(received).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  expect(received).toContain('Connection: close\r\n');
  server.close();
  await once(server, 'close');
});
