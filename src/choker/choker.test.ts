import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHOKE_ROUND_MS, Choker } from './choker.ts';
import type { ChokerPeer } from './choker-peer.ts';

const MINUTE = 60_000;

class FakePeer implements ChokerPeer {
  origin = 'anywhere';
  uploadedBytes = 0;
  isAsking = true;
  peerInterested = true;
  amChoking = true;
  downloadRate = 0;
  uploadRate = 1000;
  unchokedMs = 0;

  choke(): void {
    expect(this.amChoking, 'only an unchoked peer is choked').toBe(false);
    this.amChoking = true;
  }

  unchoke(): void {
    expect(this.amChoking, 'only a choked peer is unchoked').toBe(true);
    this.amChoking = false;
  }
}

/** Lets `ms` pass a second at a time. @returns the time afterwards */
function pass(choker: Choker<FakePeer>, peers: readonly FakePeer[], from: number, ms: number): number {
  for (let now = from; now < from + ms; now += 1000) {
    choker.tick(now);
    for (const peer of peers) if (!peer.amChoking) peer.unchokedMs += 1000;
  }
  return from + ms;
}

function start(slots: number, isSeeding: boolean, peerCount: number) {
  const choker = new Choker<FakePeer>({ slots, isSeeding });
  const peers = Array.from({ length: peerCount }, () => new FakePeer());
  for (const peer of peers) choker.addPeer(peer, 0);
  return { choker, peers };
}

const unchoked = (peers: readonly FakePeer[]) => peers.filter((peer) => !peer.amChoking);

describe('Choker', () => {
  test('Choker unchokes everybody at once while there are slots for all', () => {
    for (const isSeeding of [true, false]) {
      for (const slots of [8, Number.POSITIVE_INFINITY]) {
        const { choker, peers } = start(slots, isSeeding, 8);
        expect(unchoked(peers)).toEqual(peers);
        pass(choker, peers, 0, 5 * MINUTE);
        expect(peers.map((peer) => peer.unchokedMs)).toEqual(peers.map(() => 5 * MINUTE));
      }
    }
  });

  test('tick() keeps the peers unchoked that send most, and gives one slot to the others in turn', () => {
    const { choker, peers } = start(4, false, 20);
    peers.forEach((peer, rank) => {
      peer.downloadRate = rank < 3 ? 100_000 - rank : 100 + rank;
    });
    pass(choker, peers, 0, 30 * MINUTE);
    for (const generous of peers.slice(0, 3)) expect(generous.unchokedMs).toBeGreaterThan(29 * MINUTE);
    const others = peers.slice(3).map((peer) => peer.unchokedMs);
    const mean = others.reduce((sum, ms) => sum + ms, 0) / others.length;
    for (const ms of others) expect(Math.abs(ms - mean)).toBeLessThanOrEqual(MINUTE);
  });

  test('tick() gives the slot of a slower peer to a faster one within a round', () => {
    const { choker, peers } = start(2, false, 3);
    peers[0]!.downloadRate = 1000;
    let now = pass(choker, peers, 0, MINUTE);
    expect(peers[0]!.amChoking).toBe(false);
    peers[1]!.downloadRate = 5000;
    peers[2]!.downloadRate = 6000;
    now = pass(choker, peers, now, CHOKE_ROUND_MS);
    expect(peers[2]!.amChoking).toBe(false);
    expect(unchoked(peers)).toHaveLength(2);
    const before = peers[2]!.unchokedMs;
    pass(choker, peers, now, 10 * MINUTE);
    expect(peers[2]!.unchokedMs - before).toBe(10 * MINUTE);
  });

  test('Choker gives all peers of a seed the same unchoked time, whatever their rates', () => {
    const { choker, peers } = start(4, true, 20);
    peers.forEach((peer, rank) => {
      peer.uploadRate = 1 + rank * 1000;
      peer.downloadRate = rank;
    });
    pass(choker, peers, 0, 30 * MINUTE);
    for (const { unchokedMs } of peers) expect(Math.abs(unchokedMs - 6 * MINUTE)).toBeLessThanOrEqual(MINUTE);
  });

  test('Choker takes the slot away after a round from a peer that receives nothing', () => {
    const { choker, peers } = start(1, true, 2);
    peers[0]!.uploadRate = 0;
    pass(choker, peers, 0, 10 * MINUTE);
    expect(peers[1]!.unchokedMs / peers[0]!.unchokedMs).toBeGreaterThan(2.5);
  });

  test('interestChanged() gives a free slot, or that of a peer that is not interested, away at once', () => {
    const { choker, peers } = start(1, true, 2);
    choker.tick(0);
    const [first, second] = peers as [FakePeer, FakePeer];
    expect([first.amChoking, second.amChoking]).toEqual([false, true]);
    first.peerInterested = false;
    choker.interestChanged(1);
    expect([first.amChoking, second.amChoking]).toEqual([true, false]);
    second.peerInterested = false;
    choker.interestChanged(2);
    expect([first.amChoking, second.amChoking], 'nobody else wants it').toEqual([true, false]);
    first.peerInterested = true;
    choker.interestChanged(3);
    expect([first.amChoking, second.amChoking]).toEqual([false, true]);
  });

  test('removePeer() gives the slot of the peer to another one at once', () => {
    const { choker, peers } = start(1, true, 2);
    choker.removePeer(peers[0]!, 5);
    expect(peers[1]!.amChoking).toBe(false);
  });

  test('Choker gives all peers turns of the same length once the last piece has arrived', () => {
    const { choker, peers } = start(2, false, 6);
    for (const [rank, peer] of peers.entries()) peer.downloadRate = 6 - rank;
    const now = pass(choker, peers, 0, 10 * MINUTE);
    choker.isSeeding = true;
    for (const peer of peers) peer.unchokedMs = 0;
    pass(choker, peers, now, 30 * MINUTE);
    for (const { unchokedMs } of peers)
      expect(Math.abs(unchokedMs - 10 * MINUTE)).toBeLessThanOrEqual(MINUTE);
  });

  test('Choker gives an origin with 450 peers no more than half of the slots for long while others wait', () => {
    const { choker, peers } = start(16, true, 450);
    const now = pass(choker, peers, 0, MINUTE);
    const honest = Array.from({ length: 4 }, (_, at) => {
      const peer = new FakePeer();
      peer.origin = `192.0.2.${at}`;
      return peer;
    });
    for (const peer of honest) choker.addPeer(peer, now);
    const later = pass(choker, [...peers, ...honest], now, CHOKE_ROUND_MS + 1000);
    expect(unchoked(honest)).toEqual(honest);
    expect(unchoked(peers)).toHaveLength(12);
    pass(choker, [...peers, ...honest], later, 10 * MINUTE);
    for (const { unchokedMs } of honest) expect(unchokedMs).toBeGreaterThan(9 * MINUTE);
  });

  test('Choker gives many peers behind one address about half of the slots beside many others', () => {
    const { choker, peers } = start(16, true, 500);
    const others = Array.from({ length: 40 }, (_, at) => {
      const peer = new FakePeer();
      peer.origin = `192.0.2.${at}`;
      return peer;
    });
    for (const peer of others) choker.addPeer(peer, 0);
    pass(choker, [...peers, ...others], 0, 60 * MINUTE);
    const sum = (some: readonly FakePeer[]) => some.reduce((ms, peer) => ms + peer.unchokedMs, 0);
    expect(sum(peers) / (sum(peers) + sum(others))).toBeGreaterThan(0.4);
    for (const { unchokedMs } of others) expect(unchokedMs).toBeGreaterThan(5 * MINUTE);
  });

  test('tick() of a seed soon ends the turn of a peer that requests nothing while others wait', () => {
    const { choker, peers } = start(16, true, 200);
    for (const peer of peers) peer.isAsking = false;
    const honest = new FakePeer();
    choker.addPeer(honest, 0);
    for (let now = 0; honest.amChoking; now += 1000) {
      expect(now).toBeLessThan(MINUTE);
      choker.tick(now);
    }
    const busy = start(16, true, 200);
    for (const [at, peer] of busy.peers.entries()) peer.uploadedBytes = at;
    busy.choker.tick(0);
    const first = unchoked(busy.peers);
    for (const peer of first) peer.uploadedBytes += 1;
    pass(busy.choker, busy.peers, 1000, 8000);
    expect(unchoked(busy.peers)).toEqual(first);
  });

  test('interestChanged() looks at all peers a limited number of times a second, and tick() does the rest', () => {
    const { choker, peers } = start(1, true, 400);
    const pest = new FakePeer();
    let looks = 0;
    Object.defineProperty(pest, 'peerInterested', { get: () => (looks += 1) % 2 === 0 });
    choker.addPeer(pest, 0);
    looks = 0;
    for (let toggles = 0; toggles < 100_000; toggles += 1) choker.interestChanged(toggles / 100_000);
    expect(looks).toBeLessThan(1000);
    const holder = peers.find((peer) => !peer.amChoking)!;
    holder.peerInterested = false;
    choker.interestChanged(1);
    expect(unchoked(peers)).toEqual([holder]);
    choker.tick(2);
    expect(unchoked(peers.filter((peer) => peer.peerInterested))).toHaveLength(1);
  });

  test('Choker refuses to have no slots', () => {
    expect(() => new Choker({ slots: 0, isSeeding: true })).toThrow(RangeError);
    expect(() => new Choker({ slots: Number.NaN, isSeeding: true })).toThrow(RangeError);
  });

  test('Choker never unchokes more peers than it has slots, and leaves no slot empty that a peer wants', () => {
    const step = fc.record({
      kind: fc.constantFrom('join', 'leave', 'interest', 'rate', 'idle', 'tick', 'seeding'),
      who: fc.nat(20),
      amount: fc.nat(40_000),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 200, size: 'max' }),
        (slots, steps) => {
          const choker = new Choker<FakePeer>({ slots, isSeeding: false });
          const peers: FakePeer[] = [];
          let now = 0;
          for (const { kind, who, amount } of steps) {
            const peer = peers[who % peers.length];
            if (kind === 'join') {
              const newcomer = new FakePeer();
              newcomer.peerInterested = amount % 2 === 0;
              peers.push(newcomer);
              choker.addPeer(newcomer, now);
            } else if (kind === 'tick') {
              now += amount;
              choker.tick(now);
            } else if (kind === 'seeding') {
              choker.isSeeding = !choker.isSeeding;
            } else if (peer === undefined) {
              continue;
            } else if (kind === 'leave') {
              peers.splice(peers.indexOf(peer), 1);
              choker.removePeer(peer, now);
            } else if (kind === 'interest') {
              peer.peerInterested = !peer.peerInterested;
              choker.interestChanged(now);
            } else if (kind === 'rate') {
              peer.downloadRate = amount;
            } else {
              peer.uploadRate = 0;
            }
            expect(unchoked(peers).length).toBeLessThanOrEqual(slots);
            const interested = peers.filter((other) => other.peerInterested);
            expect(unchoked(interested).length).toBe(Math.min(slots, interested.length));
          }
        },
      ),
    );
  });
});
