import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import type { Connection } from '../net/index.ts';
import { parseInfoHash } from '../util/index.ts';
import {
  BLOCK_BYTES,
  encodePieceHeader,
  encodeReject,
  encodeUnchoke,
  type Handshake,
} from '../wire/index.ts';
import type { PeerKeeper } from './connected-peer.ts';
import { PeerConnection } from './peer-connection.ts';
import type { PeerTakers } from './peer-events.ts';
import { SEND_BUFFER_BYTES } from './peer-output.ts';
import { MAX_PIPELINE_BLOCKS } from './pipeline.ts';
import { MAX_WAITING_BYTES } from './read-gate.ts';
import { SNUB_AFTER_MS } from './request-pipeline.ts';
import { SendMemory } from './send-memory.ts';
import { WorkBudget } from './work-budget.ts';

const handshake: Handshake = {
  infoHash: parseInfoHash('1'.repeat(40)),
  peerId: new Uint8Array(20),
  supports: { fast: true, extended: false, dht: false, v2: false },
};
const block = new Uint8Array(BLOCK_BYTES);

class TestConnection implements Connection {
  readonly remote = { host: '10.0.0.1', port: 1 };
  readonly isIncoming = false;
  bytesWaiting = 0;
  lowWaterBytes = 0;
  readonly calls: string[] = [];

  start(): void {}
  write(_: Uint8Array, onSent?: () => void): void {
    onSent?.();
  }
  cork(): void {}
  uncork(): void {}
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  destroy(): void {
    this.calls.push('destroy');
  }
}

/** Makes a peer that unchoked us, of a torrent with 1,000 pieces of 64 blocks. No part of the torrent takes its events. */
function connected() {
  const clock = new FakeClock();
  const connection = new TestConnection();
  const methods: Readonly<Record<string | symbol, unknown>> = {
    blockDestination: () => new Uint8Array(BLOCK_BYTES),
  };
  const nobody = new Proxy(methods, { get: (_, name) => methods[name] ?? (() => {}) });
  const takers = new Proxy({} as PeerTakers, { get: () => nobody });
  const keeper: PeerKeeper<PeerConnection> = { onListens() {}, onReceived() {}, onClosed() {} };
  const peer = new PeerConnection({
    connection,
    takers,
    keeper,
    onDebug: () => {},
    clock,
    geometry: { pieceCount: 1000, pieceLength: 64 * BLOCK_BYTES, pieceLengthAt: () => 64 * BLOCK_BYTES },
    theirs: handshake,
    ours: handshake,
    speaksV2: false,
    workBudget: new WorkBudget(1e9),
    sending: new SendMemory(),
    report: (error) => {
      throw error;
    },
  });
  let requested = 0;
  let received = 0;
  const requestOf = (at: number) => ({
    index: at >> 6,
    begin: (at & 63) * BLOCK_BYTES,
    length: BLOCK_BYTES,
  });
  const ask = (count: number) => {
    for (const end = requested + count; requested < end; requested += 1) {
      const { index, begin, length } = requestOf(requested);
      peer.request(index, begin, length);
    }
    peer.requests.flush();
  };
  const respond = (count: number) => {
    for (const end = received + count; received < end; received += 1)
      peer.onData(Buffer.concat([encodePieceHeader(requestOf(received)), block]));
  };
  const pass = (seconds: number) => {
    let lateCount = 0;
    for (; seconds > 0; seconds -= 1) {
      clock.advance(1000);
      lateCount += Number(peer.tick(clock.now()));
    }
    return lateCount;
  };
  peer.tick(0);
  peer.onData(encodeUnchoke());
  return { peer, connection, clock, ask, respond, pass };
}

describe('PeerConnection', () => {
  test('requests.wanted() is a full pipeline at first, then 0 until a quarter of it is free', () => {
    const { peer, ask, respond } = connected();
    const depth = peer.requests.wanted();
    expect(depth).toBe(64);
    ask(depth);
    respond(depth / 4 - 1);
    expect(peer.requests.wanted()).toBe(0);
    respond(1);
    expect(peer.requests.wanted()).toBe(depth / 4);
  });

  test('requests.wanted() grows with the rate, up to the reqq of the peer and to MAX_PIPELINE_BLOCKS', () => {
    const { peer, ask, respond, pass } = connected();
    ask(400);
    respond(400);
    pass(1);
    expect(peer.requests.wanted()).toBe(250);
    peer.introduce({ reqq: 100_000 });
    expect(peer.requests.wanted()).toBe(400);
    peer.download.total += 1e9;
    ask(5000);
    respond(5000);
    pass(1);
    expect(peer.requests.wanted()).toBe(MAX_PIPELINE_BLOCKS);
  });

  test('requests.wanted() grows within a second when many blocks come', () => {
    const { peer, clock, ask, respond } = connected();
    peer.introduce({ reqq: 2000 });
    ask(1000);
    clock.advance(300);
    respond(150);
    expect(peer.requests.wanted()).toBe(0);
    clock.advance(200);
    respond(850);
    expect(peer.requests.wanted()).toBe(MAX_PIPELINE_BLOCKS);
  });

  test('requests.wanted() under a rate limit starts at a part of it, and grows with the rate', () => {
    const { peer, ask, respond, pass } = connected();
    expect(peer.requests.wanted(1024)).toBe(4);
    expect(peer.requests.wanted(1024 * 1024)).toBe(16);
    expect(peer.requests.wanted(100 * 1024 * 1024)).toBe(64);
    ask(100);
    respond(100);
    pass(1);
    expect(peer.requests.wanted(1024 * 1024)).toBe(100);
  });

  test('tick() finds a peer that owes blocks late each second until it sends one', () => {
    const { peer, clock, ask, respond, pass } = connected();
    expect(pass(60)).toBe(0);
    peer.requests.restartSnubTimer(clock.now());
    ask(2);
    expect(pass(SNUB_AFTER_MS / 1000)).toBe(0);
    expect(pass(1)).toBe(1);
    expect(peer.requests.isSnubbed).toBe(true);
    peer.requests.restartSnubTimer(clock.now());
    expect(pass(5)).toBe(0);
    expect(peer.requests.isSnubbed, 'time alone does not end it').toBe(true);
    respond(1);
    expect(peer.requests.isSnubbed).toBe(false);
  });

  test('requests.wanted() is one block for a snubbed peer', () => {
    const { peer, ask, pass } = connected();
    ask(1);
    pass(SNUB_AFTER_MS / 1000 + 1);
    peer.cancel(0, 0, BLOCK_BYTES);
    expect(peer.requests.wanted()).toBe(1);
  });

  test('tick() does not find a peer late that sends slowly', () => {
    const { peer, ask, pass } = connected();
    ask(1);
    peer.onData(encodePieceHeader({ index: 0, begin: 0, length: BLOCK_BYTES }));
    for (let part = 0; part < 10; part += 1) {
      peer.onData(new Uint8Array(100));
      expect(pass(10)).toBe(0);
    }
  });

  test('requests.wanted() is 0 until the next tick for a peer that rejects a request', () => {
    const { peer, ask, pass } = connected();
    ask(1);
    peer.onData(encodeReject({ index: 0, begin: 0, length: BLOCK_BYTES }));
    expect(peer.requests.wanted()).toBe(0);
    pass(1);
    expect(peer.requests.wanted()).toBe(64);
  });

  test('canSend is false when the send buffer is full, and when the connection closes', () => {
    const { peer, connection } = connected();
    connection.bytesWaiting = SEND_BUFFER_BYTES - 1;
    expect(peer.canSend).toBe(true);
    connection.bytesWaiting = SEND_BUFFER_BYTES;
    expect(peer.canSend).toBe(false);
    connection.bytesWaiting = 0;
    peer.close('dismissed');
    expect(peer.canSend).toBe(false);
    expect(peer.isOpen).toBe(false);
  });

  test('onData() stops reading when more bytes wait than blocks alone can make, until there is room', () => {
    const { peer, connection } = connected();
    connection.bytesWaiting = SEND_BUFFER_BYTES + 128 * 1024;
    peer.onData(new Uint8Array(4));
    expect(connection.calls).toEqual([]);
    connection.bytesWaiting = MAX_WAITING_BYTES + 1;
    peer.onData(new Uint8Array(4));
    peer.onData(new Uint8Array(4));
    connection.bytesWaiting = 0;
    peer.onDrain();
    peer.onDrain();
    expect(connection.calls).toEqual(['pause', 'resume']);
  });

  test('idleMs() counts from when one end last wanted something', () => {
    const { peer } = connected();
    expect(peer.idleMs(7000)).toBe(7000);
    peer.session.setInterested(true);
    peer.tick(9000);
    expect(peer.idleMs(9000)).toBe(0);
    peer.session.setInterested(false);
    expect(peer.idleMs(10_000)).toBe(1000);
  });

  test('idleMs() counts how long a peer that was never of use has left an unchoke unused, after 5 s', () => {
    const { peer, clock, ask, respond } = connected();
    peer.session.setInterested(true);
    clock.advance(5000);
    peer.unchoke();
    expect(peer.idleMs(10_000)).toBe(0);
    expect(peer.idleMs(16_000)).toBe(6000);
    ask(1);
    respond(1);
    expect(peer.idleMs(16_000)).toBe(0);
  });
});
