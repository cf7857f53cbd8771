import { once } from 'node:events';
import { readFile, rename } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { beforeEach, describe, expect, type TestContext, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  makeCertificate,
  pollUntil,
  requirePeers,
  type TempFolder,
  tempFolder,
} from '../../../test/support/index.ts';
import { RawClient } from '../../../test/support/tracker/raw-client.ts';
import { announceQuery, announceRequest, TestTracker } from '../../../test/support/tracker/test-tracker.ts';
import { testTorrent } from '../../../test/support/tracker/torrents.ts';
import { WsTestClient, wsAnnounce } from '../../../test/support/tracker/ws-client.ts';
import { createTracker } from '../create-tracker.ts';
import type { TrackerOptions } from '../tracker-options.ts';

beforeEach((context: TestContext) => requirePeers(context, 'openssl'));

/** A tracker that speaks TLS, and the folder of its files. */
class TlsTracker implements AsyncDisposable {
  readonly tracker: TestTracker;
  readonly #folder: TempFolder;

  private constructor(tracker: TestTracker, folder: TempFolder) {
    this.tracker = tracker;
    this.#folder = folder;
  }

  static async start(options: Omit<TrackerOptions, 'tls'> = {}, required?: boolean): Promise<TlsTracker> {
    const folder = await tempFolder();
    const tls = { cert: folder.join('cert.pem'), key: folder.join('key.pem'), required };
    await makeCertificate('first', tls.cert, tls.key);
    return new TlsTracker(await TestTracker.start({ ...options, tls }), folder);
  }

  /** Makes another pair, and puts what is asked for of it in place. */
  async renew(name: string, ...files: ('cert.pem' | 'key.pem')[]): Promise<void> {
    await makeCertificate(name, this.#folder.join('new-cert.pem'), this.#folder.join('new-key.pem'));
    for (const file of files) await rename(this.#folder.join(`new-${file}`), this.#folder.join(file));
  }

  /** Connects over TLS. @param socket connected already, if given */
  async connect(socket?: Socket): Promise<TLSSocket> {
    const secure = connectTls({
      host: '127.0.0.1',
      port: this.tracker.port,
      ...(socket !== undefined && { socket }),
      rejectUnauthorized: false,
    });
    await once(secure, 'secureConnect');
    return secure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tracker[Symbol.asyncDispose]();
    await this.#folder[Symbol.asyncDispose]();
  }
}

const nameOf = (socket: TLSSocket): unknown => socket.getPeerCertificate().subject.CN;

/** Sends a request and reads what comes next. */
async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString('latin1');
}

describe('a tracker with a certificate', () => {
  test('makes no second TLS handshake on a connection', async () => {
    await using started = await TlsTracker.start();
    const secure = connectTls({
      host: '127.0.0.1',
      port: started.tracker.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    await once(secure, 'secureConnect');
    const fault = await new Promise((resolve) => {
      secure.once('error', resolve);
      secure.renegotiate({}, resolve);
    });
    expect(fault).toMatchObject({ code: 'ERR_SSL_NO_RENEGOTIATION' });
    secure.destroy();
  });

  test('speaks HTTP with and without TLS on one port, and says so in its URL', async () => {
    await using started = await TlsTracker.start();
    const { tracker } = started;
    expect(tracker.tracker.url).toBe(`https://127.0.0.1:${tracker.port}`);
    expect(await (await tracker.fetch(`/announce?${announceQuery(1)}`)).text()).toContain('8:completei1e');
    const secure = await started.connect();
    expect(await ask(secure, announceRequest(2))).toContain('8:completei2e');
    // On to the web API, and back.
    expect(await ask(secure, 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n')).toContain('"peers":2');
    expect(await ask(secure, announceRequest(3))).toContain('external ip4:\x7f\0\0\x01');
    secure.destroy();
  });

  test('takes large requests and sends large responses within TLS, also on the web port', async () => {
    await using started = await TlsTracker.start({ webPort: 0 });
    for (const { port } of [started.tracker.tracker.address, started.tracker.tracker.webAddress!]) {
      const agent = new Agent({ rejectUnauthorized: false });
      const path = '/api/v1/seeders';
      const headers = { 'content-type': 'application/json' };
      const asking = request({ agent, port, host: '127.0.0.1', path, method: 'POST', headers });
      const { registered } = testTorrent('one');
      const torrents = Array.from({ length: 3000 }, () => registered);
      asking.end(JSON.stringify({ port: 1, torrents, peerId: 'x' }));
      const [response] = (await once(asking, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
      let body = '';
      for await (const part of response) body += part.toString();
      expect([response.statusCode, body]).toEqual([400, expect.stringContaining('peerId')]);
      agent.destroy();
    }
  });

  test('speaks WebSocket within TLS', async () => {
    await using started = await TlsTracker.start();
    const url = `wss://127.0.0.1:${started.tracker.port}/announce`;
    await using client = await WsTestClient.open(new WebSocket(url, { rejectUnauthorized: false }));
    expect(await client.ask(wsAnnounce('A'))).toMatchObject({ incomplete: 1 });
  });

  test('refuses a client without TLS where TLS is required', async () => {
    await using started = await TlsTracker.start({}, true);
    await using client = await RawClient.connect(started.tracker.port);
    await client.send(announceRequest(1));
    expect(await client.answer()).toMatchObject({ status: 400, body: expect.stringContaining('https') });
    expect(await client.closed()).toBe('');
    (await started.connect()).destroy();
  });

  test('uses a new certificate once both files are there, and keeps open connections', async () => {
    await using started = await TlsTracker.start();
    const old = await started.connect();
    expect(nameOf(old)).toBe('first');
    await started.renew('second', 'cert.pem', 'key.pem');
    await pollUntil('the new certificate is in force', async () => {
      const socket = await started.connect();
      const name = nameOf(socket);
      socket.destroy();
      return name === 'second' || undefined;
    });
    expect(await ask(old, announceRequest(1))).toContain('8:completei1e');
    old.destroy();
  });

  test('reports a certificate and a key that do not belong together, and keeps the last ones', async () => {
    await using started = await TlsTracker.start();
    const { errors } = started.tracker;
    await started.renew('second', 'cert.pem');
    await pollUntil('it is reported', async () => errors.length > 0 || undefined);
    expect(errors.splice(0)).toEqual([expect.stringMatching(/read the new .*do not belong together/)]);
    const socket = await started.connect();
    expect(nameOf(socket)).toBe('first');
    socket.destroy();
  });

  test('gives a TLS handshake no more time than a request', async () => {
    await using started = await TlsTracker.start();
    await using client = await RawClient.connect(started.tracker.port);
    await client.send('\x16\x03\x01\x02\x00\x01');
    const other = await started.connect();
    // What it has sent last may not be read any more: then it is reset.
    other.on('error', () => other.destroy());
    const closed = new Promise((resolve) => other.on('close', resolve));
    started.tracker.clock.advance(11_000);
    await client.closed();
    await closed;
  });

  test('closes a connection whose handshake fails', async () => {
    await using started = await TlsTracker.start();
    await using client = await RawClient.connect(started.tracker.port);
    await client.send('\x16\x03\x01\x00\x05hello');
    await client.closed();
  });

  test('reads the header of a proxy before the TLS handshake', async () => {
    await using started = await TlsTracker.start({ trustedProxies: ['127.0.0.1'] });
    const socket = connect(started.tracker.port, '127.0.0.1');
    socket.write('PROXY TCP4 192.0.2.1 192.0.2.9 4711 443\r\n');
    const secure = await started.connect(socket);
    expect(await ask(secure, announceRequest(1))).toContain('external ip4:\xc0\0\x02\x01');
    expect(await ask(secure, 'GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n')).toContain('"peers":1');
    expect(await ask(secure, announceRequest(1))).toContain('external ip4:\xc0\0\x02\x01');
    secure.destroy();
  });
});

test('createTracker() starts nothing when its certificate cannot be used', async () => {
  await using folder = await tempFolder();
  const [cert, key] = [folder.join('cert.pem'), folder.join('key.pem')];
  const start = () => createTracker({ host: '127.0.0.1', tls: { cert, key } });
  const refused = { code: 'BAD_CERTIFICATE', message: expect.stringContaining('cert.pem') };
  await expect(start()).rejects.toMatchObject(refused);
  await makeCertificate('one', cert, key);
  await makeCertificate('two', folder.join('other.pem'), key);
  await expect(start()).rejects.toMatchObject(refused);
  expect(await readFile(cert, 'utf8')).toContain('BEGIN CERTIFICATE');
});
