import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../../../test/support/index.ts';
import {
  type AnnounceRequest,
  decodeUdpResponse,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  MAX_UDP_RESPONSE_BYTES,
  type UdpResponse,
} from '../../../tracker-protocol/index.ts';
import { parseInfoHash, type Random, seededRandom } from '../../../util/index.ts';
import { AnnounceLogic, clientAddressOf } from '../../core/index.ts';
import { AddressLimits } from '../../guard/rate-limit/index.ts';
import { createCounters } from '../../metrics/index.ts';
import { MemorySwarmStore } from '../../swarms/memory/index.ts';
import { ConnectionIds } from './connection-ids.ts';
import { UdpResponder } from './udp-responder.ts';

const MINUTE = 60_000;
const TRANSACTION_ID = 0x12345678;
const infoHash = parseInfoHash('aa'.repeat(20));
const target = Buffer.alloc(MAX_UDP_RESPONSE_BYTES);

let clock: FakeClock;
let rateLimits: AddressLimits;
let answers: UdpResponder;
let reported: string[];
beforeEach(() => {
  start(seededRandom(1));
});

function start(random: Random, budget = 0): void {
  clock = new FakeClock();
  reported = [];
  const swarms = new MemorySwarmStore({ peerTtl: 10 * MINUTE, random: seededRandom(2) });
  rateLimits = new AddressLimits({ requestsPerSecond: budget, requestBurst: 5, connectionsPerAddress: 0 });
  answers = new UdpResponder({
    logic: new AnnounceLogic({ swarms, clock, random, interval: 120 }),
    rateLimits,
    counters: createCounters(clock).udp,
    connectionIds: new ConnectionIds(new Uint8Array(16).fill(9)),
    clock,
    report: (error, context) => reported.push(`${context}: ${error.message}`),
  });
}

function ask(packet: Uint8Array, host: string): Buffer | undefined {
  const length = answers.answer(Buffer.from(packet), clientAddressOf(host)!, target) as number;
  return length === 0 ? undefined : Buffer.from(target.subarray(0, length));
}

function read(packet: Buffer | undefined, host: string): UdpResponse {
  expect(packet!.readUInt32BE(4)).toBe(TRANSACTION_ID);
  return decodeUdpResponse(packet!, host.includes(':') ? 6 : 4);
}

function connect(host: string): Uint8Array {
  const response = read(ask(encodeUdpConnect(TRANSACTION_ID), host), host);
  if (response.action !== 'connect') expect.fail(`was answered ${response.action}`);
  return response.connectionId;
}

function announcePacket(connectionId: Uint8Array, change: Partial<AnnounceRequest> = {}): Buffer {
  const request: AnnounceRequest = {
    infoHash,
    peerId: Buffer.from(String(change.port ?? 1).padStart(20, '-')),
    port: 1,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: 'started',
    compact: true,
    noPeerId: true,
    ...change,
  };
  return encodeUdpAnnounce({ connectionId, transactionId: TRANSACTION_ID }, request, '');
}

function announce(host: string, change: Partial<AnnounceRequest> = {}): UdpResponse {
  return read(ask(announcePacket(connect(host), change), host), host);
}

function peersFor(host: string, change: Partial<AnnounceRequest> = {}): unknown {
  const answer = announce(host, change);
  return answer.action === 'announce' ? answer.response.peers : answer;
}

function failure(packet: Uint8Array, host = '192.0.2.1'): string {
  const answer = read(ask(packet, host), host);
  return answer.action === 'error' ? answer.failure.failureReason : expect.fail(answer.action);
}

describe('a connection id', () => {
  test('is needed: the protocol id, an id of another address and an old id are refused', () => {
    const connectionId = connect('192.0.2.1');
    const refused = 'Connection ID is not valid';
    expect(failure(announcePacket(Buffer.from('0000041727101980', 'hex')))).toBe(refused);
    expect(failure(announcePacket(connectionId), '192.0.2.2')).toBe(refused);
    clock.advance(4 * MINUTE);
    expect(failure(announcePacket(connectionId))).toBe(refused);
  });

  test('is valid for two minutes', () => {
    const connectionId = connect('2001:db8::1');
    clock.advance(2 * MINUTE);
    expect(read(ask(announcePacket(connectionId), '2001:db8::1'), '2001:db8::1').action).toBe('announce');
  });

  test('an address that has not proven itself is sent no more bytes than came in its name', () => {
    const heads = fc
      .constantFrom('0000041727101980', '0000000000000000')
      .chain((id) =>
        fc
          .tuple(fc.nat(4), fc.uint8Array({ minLength: 4, maxLength: 200 }))
          .map(([action, rest]) => Buffer.concat([Buffer.from(id, 'hex'), Buffer.of(0, 0, 0, action), rest])),
      );
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), heads),
        fc.constantFrom('192.0.2.1', '::1'),
        (packet, host) => {
          const answer = ask(packet, host);
          expect(answer?.length ?? 0).toBeLessThanOrEqual(packet.length);
        },
      ),
    );
  });

  test.each([
    ['too short a packet', Buffer.alloc(15)],
    ['a connect without the number of the protocol', Buffer.alloc(16)],
    ['an action nobody knows', Buffer.alloc(98, 3)],
    ['a query of the DHT', Buffer.from('d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe')],
  ])('%s is not answered', (_, packet) => {
    expect(ask(packet, '192.0.2.1')).toBeUndefined();
  });
});

test('any packet with a valid connection id is answered or ignored, and nothing fails', () => {
  const connectionId = connect('192.0.2.1');
  const rest = fc.tuple(fc.nat(5), fc.uint8Array({ maxLength: 2000, size: 'max' }));
  fc.assert(
    fc.property(rest, ([action, bytes]) => {
      const packet = Buffer.concat([connectionId, Buffer.of(0, 0, 0, action), bytes]);
      expect(ask(packet, '192.0.2.1')?.length ?? 0).toBeLessThanOrEqual(MAX_UDP_RESPONSE_BYTES);
    }),
  );
  expect(reported).toEqual([]);
});

describe('an announce', () => {
  test.each([
    ['192.0.2.1', '192.0.2.2'],
    ['2001:db8::1', '2001:db8::2'],
  ])('from %s finds who announced from %s, and never the asker', (host, other) => {
    expect(peersFor(other, { port: 2, left: 0 })).toEqual([]);
    expect(peersFor(host)).toEqual([{ host: other, port: 2 }]);
    expect(announce(host)).toMatchObject({ response: { complete: 1, incomplete: 1 } });
  });

  test('is answered with peers of its own address family only', () => {
    peersFor('192.0.2.2', { port: 2 });
    peersFor('2001:db8::2', { port: 3 });
    expect(peersFor('192.0.2.1')).toEqual([{ host: '192.0.2.2', port: 2 }]);
    expect(peersFor('2001:db8::1')).toEqual([{ host: '2001:db8::2', port: 3 }]);
  });

  test('is answered with no more peers than are wanted, and than fit a packet', () => {
    for (let number = 2; number <= 302; number += 1) {
      announce(`192.0.${number >> 8}.${number & 255}`, { port: 2 });
      announce(`2001:db8:${number}::2`, { port: 2 });
    }
    const countFor = (host: string, numWant: number) => (peersFor(host, { numWant }) as unknown[]).length;
    expect([0, 7, 1000].map((numWant) => countFor('198.51.100.1', numWant))).toEqual([0, 7, 200]);
    expect([0, 7, 1000].map((numWant) => countFor('2001:db8::1', numWant))).toEqual([0, 7, 67]);
    expect(peersFor('198.51.100.1')).toHaveLength(50);
  });

  test('that names another address is accepted within a private network only', () => {
    peersFor('192.0.2.2', { port: 2, ip: '198.51.100.1' });
    peersFor('10.0.0.2', { port: 3, ip: '10.0.0.3' });
    peersFor('10.0.0.2', { port: 4, ip: '198.51.100.1' });
    const peers = new Set((peersFor('192.0.2.1') as { host: string }[]).map(({ host }) => host));
    expect(peers).toEqual(new Set(['192.0.2.2', '10.0.0.3', '10.0.0.2']));
  });

  test('with `stopped` removes the peer, also with port 0, which is refused otherwise', () => {
    announce('192.0.2.2', { port: 2 });
    expect(announce('192.0.2.2', { port: 2, event: 'stopped' })).toMatchObject({
      response: { incomplete: 0, peers: [] },
    });
    expect(failure(announcePacket(connect('192.0.2.1'), { port: 0 }))).toMatch('port must be');
  });

  test('that is too short is refused', () => {
    expect(failure(announcePacket(connect('192.0.2.1')).subarray(0, 97))).toMatch('98 bytes');
  });

  test('in which the tracker fails is answered, and the failure is reported', () => {
    start({
      next: () => {
        throw new Error('the dice are gone');
      },
    });
    expect(failure(announcePacket(connect('192.0.2.1')))).toBe('The tracker has failed');
    expect(reported).toEqual(['answer a request over UDP: the dice are gone']);
  });
});

describe('an address that asks too much', () => {
  beforeEach(() => start(seededRandom(1), 1));

  test('is not answered until some time has passed', () => {
    const packet = announcePacket(connect('192.0.2.1'));
    for (let count = 0; count < 5; count += 1) expect(ask(packet, '192.0.2.1')).toBeDefined();
    expect(ask(packet, '192.0.2.1')).toBeUndefined();
    expect(announce('192.0.2.2').action).toBe('announce');
    clock.advance(1000);
    expect(ask(packet, '192.0.2.1')).toBeDefined();
    expect(rateLimits.stats()).toMatchObject({ requestsRefused: 1, unprovenRefused: 0 });
  });

  test('by forged packets is sent no more responses to these, and its announces are answered', () => {
    const packet = announcePacket(connect('192.0.2.1'));
    const forged = announcePacket(Buffer.alloc(8));
    for (let count = 0; count < 4; count += 1) expect(ask(forged, '192.0.2.1')).toBeDefined();
    expect(ask(forged, '192.0.2.1')).toBeUndefined();
    expect(ask(encodeUdpConnect(TRANSACTION_ID), '192.0.2.1')).toBeUndefined();
    expect(read(ask(packet, '192.0.2.1'), '192.0.2.1').action).toBe('announce');
    expect(rateLimits.stats()).toMatchObject({ requestsRefused: 0, unprovenRefused: 2 });
  });
});

describe('a scrape', () => {
  const scrapePacket = (connectionId: Uint8Array, infoHashes: string[]): Buffer =>
    encodeUdpScrape(
      { connectionId, transactionId: TRANSACTION_ID },
      { infoHashes: infoHashes.map(parseInfoHash) },
    );

  test.each(['192.0.2.1', '2001:db8::1'])('from %s is answered by position, unknown and twice', (host) => {
    announce(host, { port: 1 });
    announce(host, { port: 1, left: 0, event: 'completed' });
    announce(host, { port: 2 });
    const known = { complete: 1, downloaded: 1, incomplete: 1 };
    const unknown = { complete: 0, downloaded: 0, incomplete: 0 };
    const packet = scrapePacket(connect(host), ['bb'.repeat(20), infoHash, infoHash]);
    expect(read(ask(packet, host), host)).toEqual({ action: 'scrape', entries: [unknown, known, known] });
  });

  test.each([
    [74, 74],
    [75, 74],
  ])('of %i hashes is answered with %i', (asked, answered) => {
    const packet = scrapePacket(connect('192.0.2.1'), Array(asked).fill(infoHash));
    expect(ask(packet, '192.0.2.1')).toHaveLength(8 + 12 * answered);
  });

  test('of a part of a hash is refused', () => {
    const packet = scrapePacket(connect('192.0.2.1'), [infoHash, infoHash]);
    expect(failure(packet.subarray(0, 50))).toMatch('whole info-hashes');
  });
});
