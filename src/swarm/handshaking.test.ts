import { describe, expect, test } from 'vitest';
import { SimNetwork } from '../../test/sim/sim-network.ts';
import { FakeClock } from '../../test/support/index.ts';
import type { Connection, ConnectionHandler } from '../net/index.ts';
import { parseInfoHash, seededRandom } from '../util/index.ts';
import { encodeHandshake, type Handshake } from '../wire/index.ts';
import { HANDSHAKE_TIMEOUT_MS, type HandshakeOptions, shakeHands } from './handshaking.ts';

const supports = { fast: true, extended: true, dht: false, v2: false };
const infoHash = parseInfoHash('1'.repeat(40));
const DIALER: Handshake = { infoHash, peerId: new Uint8Array(20).fill(1), supports };
const LISTENER: Handshake = { infoHash, peerId: new Uint8Array(20).fill(2), supports };

/** A handler that writes down the events of one end of a connection. */
class Log implements ConnectionHandler {
  readonly events: string[] = [];

  onData(bytes: Uint8Array): void {
    this.events.push(`data ${Buffer.from(bytes).toString()}`);
  }
  onDrain(): void {}
  onClose(): void {
    this.events.push('close');
  }
}

/** Opens a connection. @returns its two ends, neither of which is started */
async function connect(): Promise<{ clock: FakeClock; dialed: Connection; taken: Connection }> {
  const clock = new FakeClock();
  const network = new SimNetwork(clock, seededRandom(1));
  const [a, b] = [network.addHost(), network.addHost()];
  let taken: Connection | undefined;
  let dialed: Connection | undefined;
  await b.listen({ port: 1 }, (connection) => {
    taken = connection;
  });
  void a.dial({ host: b.ip, port: 1 }, { signal: new AbortController().signal }).then((connection) => {
    dialed = connection;
  });
  await clock.pass(100);
  return { clock, dialed: dialed!, taken: taken! };
}

function optionsOf(clock: FakeClock, log: Log, ours: HandshakeOptions['ours']): HandshakeOptions {
  return {
    clock,
    ours,
    onDone: (theirs) => {
      log.events.push(`done ${theirs.peerId[0]}`);
      return log;
    },
    onFailed: (error) => log.events.push(`failed ${(error as { code?: string }).code}`),
  };
}

describe('shakeHands()', () => {
  test('shakeHands() hands over both ends, and the bytes behind the handshake', async () => {
    const { clock, dialed, taken } = await connect();
    const [dialer, listener] = [new Log(), new Log()];
    shakeHands(dialed, optionsOf(clock, dialer, DIALER));
    dialed.write(Buffer.from('more'));
    shakeHands(
      taken,
      optionsOf(clock, listener, () => LISTENER),
    );
    await clock.pass(HANDSHAKE_TIMEOUT_MS + 1000);
    expect(dialer.events).toEqual(['done 2']);
    expect(listener.events[0]).toBe('done 1');
    expect(listener.events.join('').replaceAll('data ', '')).toContain('more');
    dialed.destroy();
    await clock.pass(1000);
    expect(dialer.events.at(-1)).toBe('close');
    expect(listener.events.at(-1)).toBe('close');
  });

  test('shakeHands() responds before the peer id is there', async () => {
    const { clock, dialed, taken } = await connect();
    const [slow, listener] = [new Log(), new Log()];
    dialed.start(slow);
    shakeHands(
      taken,
      optionsOf(clock, listener, () => LISTENER),
    );
    dialed.write(encodeHandshake(DIALER).subarray(0, 48));
    await clock.pass(1000);
    expect(slow.events).toHaveLength(1);
    expect(listener.events).toEqual([]);
  });

  test.each([
    ['sends nothing', undefined, 'TIMED_OUT'],
    ['sends something else', Buffer.from('GET / HTTP/1.1'), 'NOT_BITTORRENT'],
    ['wants another torrent', encodeHandshake(DIALER), 'REFUSED'],
  ])('shakeHands() closes a connection that %s', async (_, bytes, code) => {
    const { clock, dialed, taken } = await connect();
    const [dialer, listener] = [new Log(), new Log()];
    dialed.start(dialer);
    shakeHands(
      taken,
      optionsOf(clock, listener, () => undefined),
    );
    if (bytes !== undefined) dialed.write(bytes);
    await clock.pass(HANDSHAKE_TIMEOUT_MS + 1000);
    expect(listener.events).toEqual([`failed ${code}`]);
    expect(dialer.events).toEqual(['close']);
  });

  test('shakeHands() fails once when the connection ends', async () => {
    const { clock, dialed, taken } = await connect();
    const dialer = new Log();
    shakeHands(dialed, optionsOf(clock, dialer, DIALER));
    taken.start(new Log());
    taken.destroy();
    await clock.pass(HANDSHAKE_TIMEOUT_MS + 1000);
    expect(dialer.events).toEqual(['failed CLOSED']);
  });

  test('shakeHands() lets an error that the peer handler throws later pass', async () => {
    const { clock, dialed, taken } = await connect();
    const [dialer, listener] = [new Log(), new Log()];
    shakeHands(dialed, optionsOf(clock, dialer, DIALER));
    shakeHands(
      taken,
      optionsOf(clock, listener, () => LISTENER),
    );
    await clock.pass(1000);
    listener.onData = () => {
      throw new Error('a defect');
    };
    dialed.write(Buffer.from('boom'));
    await expect(clock.pass(1000)).rejects.toThrow('a defect');
    expect(listener.events).toEqual(['done 1']);
  });
});
