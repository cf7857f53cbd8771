import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../test/support/index.ts';
import { storeThatIsAway } from '../../../test/support/tracker/late-swarms.ts';
import type {
  AnnounceRequest,
  CompactAnnounceResponse,
  ScrapeEntry,
  ScrapeResponse,
} from '../../tracker-protocol/index.ts';
import { decodeCompactAddresses, parseInfoHash, seededRandom } from '../../util/index.ts';
import { DEFAULT_LIMITS } from '../settings.ts';
import { MemorySwarmStore } from '../swarms/memory/index.ts';
import { AnnounceLogic, type AnnounceLogicOptions } from './announce.ts';
import { clientAddressOf } from './client-address.ts';
import { parseLocality } from './locality.ts';

const INTERVAL = 100;
const infoHash = parseInfoHash('aa'.repeat(20));

class Announcing {
  readonly clock = new FakeClock();
  readonly logic: AnnounceLogic;

  constructor(options: Partial<AnnounceLogicOptions> = {}) {
    const random = seededRandom(7);
    const swarms = new MemorySwarmStore({ peerTtl: 1e6, random });
    this.logic = new AnnounceLogic({ swarms, clock: this.clock, random, interval: INTERVAL, ...options });
  }

  /** Announces peer `number` from `10.0.0.number`, or from another address. */
  announce(number: number, more: Partial<AnnounceRequest> = {}, from = `10.0.0.${number}`) {
    const request: AnnounceRequest = {
      infoHash,
      peerId: Buffer.from(String(number).padStart(20, '-')),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 1,
      event: 'none',
      compact: true,
      noPeerId: false,
      ...more,
    };
    return this.logic.announce(request, clientAddressOf(from)!) as CompactAnnounceResponse;
  }

  scrape(): ScrapeEntry | undefined {
    return (this.logic.scrape({ infoHashes: [infoHash] }) as ScrapeResponse).files.get(infoHash);
  }

  hosts(response: CompactAnnounceResponse): string[] {
    const { ipv4, ipv6 } = response.peers;
    const addresses = [...decodeCompactAddresses(ipv4, 6)!, ...decodeCompactAddresses(ipv6, 18)!];
    return addresses.map(({ host }) => host).sort();
  }
}

describe('announce()', () => {
  test('announce() tells the interval with jitter, and the address it saw', () => {
    const swarm = new Announcing();
    swarm.announce(1);
    swarm.clock.advance(1000 * 1000);
    const intervals = Array.from({ length: 50 }, () => swarm.announce(1).interval);
    expect(Math.min(...intervals)).toBeGreaterThanOrEqual(INTERVAL);
    expect(Math.max(...intervals)).toBeLessThanOrEqual(INTERVAL * 1.1);
    expect(new Set(intervals).size).toBeGreaterThan(5);
    expect(swarm.announce(1)).toMatchObject({ minInterval: 30, externalIp: Uint8Array.of(10, 0, 0, 1) });
    expect(swarm.announce(1, {}, '2001:db8::1').externalIp).toHaveLength(16);
  });

  test.each([
    [0, 15],
    [60, 15],
    [200, 50],
    [390, 97],
    [4000, INTERVAL],
  ])('announce() in a swarm of %i s tells an interval of %i s or a tenth more', (age, expected) => {
    const swarm = new Announcing();
    swarm.announce(1);
    swarm.clock.advance(age * 1000);
    const { interval, minInterval } = swarm.announce(2);
    expect(interval).toBeGreaterThanOrEqual(expected);
    expect(interval).toBeLessThanOrEqual(expected * 1.1);
    expect(minInterval).toBeLessThanOrEqual(expected);
  });

  test('announce() tells no young swarm more than the interval', () => {
    expect(new Announcing({ interval: 5 }).announce(1)).toEqual(
      expect.objectContaining({ interval: 5, minInterval: 5 }),
    );
  });

  test('announce() hands out peers of the same subnet or zone first, when it is told to', () => {
    const swarm = new Announcing({ locality: parseLocality([['10.9.0.0/16', '192.0.2.0/24']]) });
    for (let peer = 1; peer <= 60; peer += 1) swarm.announce(peer, {}, `203.0.${peer}.1`);
    swarm.announce(61, {}, '203.0.7.99');
    swarm.announce(62, {}, '10.9.200.1');
    swarm.announce(63, {}, '192.0.2.1');
    expect(swarm.hosts(swarm.announce(64, { numWant: 2 }, '203.0.7.5'))).toEqual(['203.0.7.1', '203.0.7.99']);
    expect(swarm.hosts(swarm.announce(65, { numWant: 2 }, '10.9.1.1'))).toEqual(['10.9.200.1', '192.0.2.1']);
    expect(swarm.hosts(swarm.announce(66, { numWant: 9 }, '198.51.100.1'))).toHaveLength(9);
  });

  test.each([
    [undefined, 50],
    [0, 0],
    [7, 7],
    [Number.MAX_SAFE_INTEGER, DEFAULT_LIMITS.maxNumWant],
  ])('announce() with numwant %s hands out %i peers', (numWant, expected) => {
    const swarm = new Announcing();
    for (let peer = 0; peer < 250; peer += 1) swarm.announce(peer, {}, `10.0.1.${peer}`);
    const more = numWant === undefined ? {} : { numWant };
    expect(swarm.hosts(swarm.announce(251, more))).toHaveLength(expected);
  });

  test('announce() counts a partial seed as incomplete, and not as downloading', () => {
    const swarm = new Announcing();
    swarm.announce(1, { event: 'paused' });
    expect(swarm.announce(2)).toMatchObject({ complete: 0, incomplete: 2 });
    expect(swarm.scrape()).toEqual({
      complete: 0,
      incomplete: 2,
      downloaded: 0,
      downloaders: 1,
    });
    expect(swarm.hosts(swarm.announce(1, { event: 'paused' }))).toEqual(['10.0.0.2']);
    expect(swarm.announce(1, { event: 'paused', left: 0 })).toMatchObject({ complete: 1 });
  });

  test('announce() counts completed once, and lets a stopped peer go', () => {
    const swarm = new Announcing();
    swarm.announce(1);
    swarm.announce(2);
    for (let times = 0; times < 3; times += 1) swarm.announce(1, { event: 'completed', left: 0 });
    expect(swarm.scrape()?.downloaded).toBe(1);
    const goodbye = swarm.announce(1, { event: 'stopped', left: 0 });
    expect([goodbye.complete, goodbye.incomplete, swarm.hosts(goodbye)]).toEqual([0, 1, []]);
    expect(swarm.hosts(swarm.announce(3))).toEqual(['10.0.0.2']);
  });

  test('announce() of a stranger that stops is answered and makes no swarm', () => {
    const swarm = new Announcing();
    expect(swarm.announce(1, { event: 'stopped', port: 0 })).toMatchObject({ complete: 0, incomplete: 0 });
  });

  test('announce() takes ip= from one private address to another, and from nobody else', () => {
    const swarm = new Announcing();
    swarm.announce(1, { ip: '192.168.0.9' }, '127.0.0.1');
    swarm.announce(2, { ip: '8.8.8.8' }, '10.0.0.2');
    swarm.announce(3, { ip: '8.8.8.8' }, '203.0.113.3');
    swarm.announce(4, { ip: 'victim.example' }, '10.0.0.4');
    expect(swarm.hosts(swarm.announce(5))).toEqual(['10.0.0.2', '10.0.0.4', '192.168.0.9', '203.0.113.3']);
  });

  test('announce() with ip= of another peer neither takes it out of the swarm nor changes it', () => {
    const swarm = new Announcing();
    swarm.announce(1, { left: 0 });
    for (const from of ['10.0.0.66', '127.0.0.1', '192.168.7.7', 'fd00::66']) {
      swarm.announce(1, { ip: '10.0.0.1', event: 'stopped' }, from);
      swarm.announce(1, { ip: '10.0.0.1', left: 5, event: 'paused' }, from);
    }
    expect(swarm.scrape()).toMatchObject({ complete: 1, incomplete: 0 });
    swarm.announce(1, { event: 'stopped' });
    expect(swarm.scrape()).toMatchObject({ complete: 0 });
  });

  test('announce() with ip= changes and stops records of the same client, from any address of this machine', () => {
    const swarm = new Announcing();
    const ip = '192.168.0.9';
    swarm.announce(1, { ip }, '127.0.0.1');
    swarm.announce(1, { ip, left: 0, event: 'completed' }, '::1');
    expect(swarm.scrape()).toMatchObject({ complete: 1, incomplete: 0, downloaded: 1 });
    swarm.announce(1, { ip, event: 'stopped' }, '10.0.0.66');
    expect(swarm.scrape()).toMatchObject({ complete: 1 });
    swarm.announce(1, { ip, event: 'stopped' }, '127.0.0.1');
    expect(swarm.scrape()).toMatchObject({ complete: 0 });
  });

  test('announce() with ip= adds a bounded number of false addresses to a swarm, and answers all the same', () => {
    const swarm = new Announcing();
    swarm.announce(1, { left: 0 });
    for (let host = 1; host <= 200; host += 1) {
      swarm.clock.advance(1000);
      const answer = swarm.announce(2, { ip: `10.7.0.${host}`, port: 22 }, '10.0.0.66');
      expect(swarm.hosts(answer)).toContain('10.0.0.1');
    }
    expect(swarm.scrape()).toMatchObject({ incomplete: DEFAULT_LIMITS.maxPeersPerAddress });
  });

  test('announce() of one address with many ports keeps nobody from the answers', () => {
    const swarm = new Announcing();
    swarm.announce(1, { left: 0 }, '127.0.0.1');
    for (let port = 1000; port < 3000; port += 1) {
      swarm.announce(port, { port, left: port % 2 }, '127.0.0.66');
    }
    for (let times = 0; times < 20; times += 1) {
      expect(swarm.hosts(swarm.announce(2, {}, '127.0.0.2'))).toContain('127.0.0.1');
    }
  });

  test('announce() of one peer over IPv4 and IPv6 does not hand it itself', () => {
    const swarm = new Announcing();
    swarm.announce(1, { key: 'k' });
    expect(swarm.hosts(swarm.announce(1, { key: 'k' }, 'fd00::1'))).toEqual([]);
    expect(swarm.hosts(swarm.announce(2))).toEqual(['10.0.0.1', 'fd00::1']);
  });

  test('announce() gives peer ids for the dictionary form only, unless they are not wanted', () => {
    const swarm = new Announcing();
    swarm.announce(1);
    expect(swarm.announce(2, { compact: false }).peers.peerIds).toHaveLength(20);
    expect(swarm.announce(2, { compact: false, noPeerId: true }).peers.peerIds).toBeUndefined();
    expect(swarm.announce(2).peers.peerIds).toBeUndefined();
  });
});

test('announce() tells a peer that stops, too, when its store is away', async () => {
  const swarm = new Announcing({ swarms: storeThatIsAway() });
  expect(await Promise.resolve(swarm.announce(1, { event: 'stopped' }))).toEqual({
    failureReason: 'The tracker cannot answer now',
    retryIn: 1,
    interval: 60,
  });
});

test('scrape() names each hash that it was asked for, even without a swarm', () => {
  const swarm = new Announcing();
  expect(swarm.scrape()).toEqual({ complete: 0, incomplete: 0, downloaded: 0, downloaders: 0 });
});
