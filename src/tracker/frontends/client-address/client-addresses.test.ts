import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseIp } from '../../../util/index.ts';
import { clientAddressOf } from '../../core/index.ts';
import { ClientAddresses } from './client-addresses.ts';
import { parseProxies } from './parse-proxies.ts';

const clientAddresses = new ClientAddresses(parseProxies(['10.0.0.0/8', '2001:db8::1']));

function behind(proxy: string, ...lines: string[]): string {
  const head = ['GET /announce HTTP/1.1', 'Host: t', ...lines].join('\r\n');
  return clientAddresses.ofHead(clientAddressOf(proxy)!, head).host;
}

describe('ClientAddresses', () => {
  test.each([
    ['no header', '10.0.0.1', [], '10.0.0.1'],
    ['one hop', '10.0.0.1', ['X-Forwarded-For: 192.0.2.1'], '192.0.2.1'],
    ['the last hop, not the first', '10.0.0.1', ['x-forwarded-for:198.51.100.1, 192.0.2.1'], '192.0.2.1'],
    ['another proxy between', '10.0.0.1', ['X-Forwarded-For: 6.6.6.6,192.0.2.1 , 10.9.9.9'], '192.0.2.1'],
    ['several lines', '10.0.0.1', ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 192.0.2.1'], '192.0.2.1'],
    ['proxies only', '10.0.0.1', ['X-Forwarded-For: 10.0.0.3, 10.0.0.2'], '10.0.0.3'],
    ['what is no address', '10.0.0.1', ['X-Forwarded-For: 192.0.2.1, unknown'], '10.0.0.1'],
    [
      'what is no address behind a proxy',
      '10.0.0.1',
      ['X-Forwarded-For: 192.0.2.1, unknown, 10.0.0.2'],
      '10.0.0.2',
    ],
    ['an empty header', '10.0.0.1', ['X-Forwarded-For:'], '10.0.0.1'],
    ['a port', '10.0.0.1', ['X-Forwarded-For: 192.0.2.1:4711'], '192.0.2.1'],
    ['IPv6', '2001:db8::1', ['X-Forwarded-For: 2001:DB8::2'], '2001:db8::2'],
    ['IPv6 and a port', '10.0.0.1', ['X-Forwarded-For: [2001:db8::2]:4711'], '2001:db8::2'],
    ['IPv6 in brackets', '10.0.0.1', ['X-Forwarded-For: [2001:db8::2]'], '2001:db8::2'],
    ['the header of one who is no proxy', '192.0.2.7', ['X-Forwarded-For: 192.0.2.1'], '192.0.2.7'],
    ['a header of like name', '10.0.0.1', ['Not-X-Forwarded-For: 192.0.2.1'], '10.0.0.1'],
  ])('ofHead() with %s', (_, proxy, lines, expected) => {
    expect(behind(proxy, ...lines)).toBe(expected);
  });

  test('ofHead() reads no more hops than it needs', () => {
    expect(behind('10.0.0.1', `X-Forwarded-For: ${'10.0.0.1, '.repeat(1600)}192.0.2.1`)).toBe('192.0.2.1');
  });

  test('ofRequest() finds the client of the connection, and the client that the request names', () => {
    const socket = new Socket();
    const request = new IncomingMessage(socket);
    expect(clientAddresses.ofRequest(request)).toBeUndefined();
    clientAddresses.name(socket, parseIp('10.0.0.1')!);
    expect(clientAddresses.ofRequest(request)!.host).toBe('10.0.0.1');
    request.headers['x-forwarded-for'] = '6.6.6.6, 192.0.2.1';
    expect(clientAddresses.ofRequest(request)!.host).toBe('192.0.2.1');
    clientAddresses.name(socket, parseIp('192.0.2.2')!);
    expect(clientAddresses.ofRequest(request)!.host).toBe('192.0.2.2');
    const secure = new Socket();
    clientAddresses.replace(socket, secure);
    expect(clientAddresses.ofConnection(secure)!.host).toBe('192.0.2.2');
  });

  test('parseProxies() refuses text that is no range', () => {
    expect(() => parseProxies(['10.0.0.0/33'])).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', message: expect.stringContaining('10.0.0.0/33') }),
    );
  });
});
