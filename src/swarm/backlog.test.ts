import { describe, expect, test } from 'vitest';
import { Backlog, MAX_SMALL_WAITING_BYTES, MAX_STALL_MS, MAX_UNTAKEN_BYTES } from './backlog.ts';
import { MAX_ADDRESS_WAITING_BYTES, MAX_SESSION_WAITING_BYTES, peersToCut } from './waiting-bytes.ts';

function setUp() {
  const sender = { bytesWaiting: 0, smallBytesWaiting: 0, sentBytes: 0 };
  const session = { heldBytes: 0, messageCount: 0, queuedRequestCount: 0 };
  return { sender, session, backlog: new Backlog(sender, session, 0) };
}

/** Lets the seconds between two times pass. @returns the faults that were found */
function pass(backlog: Backlog, from: number, to: number, eachSecond = () => {}): string[] {
  const faults: string[] = [];
  for (let now = from; now <= to; now += 1000) {
    eachSecond();
    backlog.tick(now);
    const fault = backlog.fault(now);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

describe('Backlog', () => {
  test('fault() is undefined for a peer that takes what waits, however slowly, or for which nothing waits', () => {
    const { sender, backlog } = setUp();
    expect(pass(backlog, 0, 10 * MAX_STALL_MS)).toEqual([]);
    sender.bytesWaiting = 1_000_000;
    const slowly = () => {
      sender.sentBytes += 10;
    };
    expect(pass(backlog, 0, 10 * MAX_STALL_MS, slowly)).toEqual([]);
    expect(backlog.isBehind(10 * MAX_STALL_MS)).toBe(false);
  });

  test('isBehind() and, after two minutes, fault() find a peer that takes nothing', () => {
    const { sender, backlog } = setUp();
    sender.bytesWaiting = 17;
    expect(pass(backlog, 1000, MAX_STALL_MS)).toEqual([]);
    expect(backlog.isBehind(10_000)).toBe(false);
    expect(backlog.isBehind(11_000)).toBe(true);
    expect(backlog.fault(MAX_STALL_MS + 1)).toMatch(/took nothing of what was sent for 120 s/);
  });

  test('fault() finds a message that never becomes whole, and passes over many that do', () => {
    const { session, backlog } = setUp();
    session.heldBytes = 64;
    const another = () => {
      session.messageCount += 1;
    };
    expect(pass(backlog, 0, 10 * MAX_STALL_MS, another)).toEqual([]);
    expect(pass(backlog, 10 * MAX_STALL_MS, 11 * MAX_STALL_MS)).toEqual([]);
    expect(backlog.fault(11 * MAX_STALL_MS + 1)).toMatch(/did not end a message within 120 s/);
  });

  test('isFull, then fault(), find a peer for which many small messages wait', () => {
    const { sender, backlog } = setUp();
    sender.smallBytesWaiting = MAX_SMALL_WAITING_BYTES;
    expect(backlog.isFull).toBe(false);
    sender.smallBytesWaiting += 1;
    expect(backlog.isFull).toBe(true);
    expect(backlog.fault(0)).toBeUndefined();
    sender.smallBytesWaiting = MAX_UNTAKEN_BYTES + 1;
    expect(backlog.fault(0)).toMatch(/524289 bytes of messages wait/);
  });

  test('waitingBytes counts messages to be sent, parts of messages and queued requests', () => {
    const { sender, session, backlog } = setUp();
    sender.bytesWaiting = 1000;
    session.heldBytes = 64;
    session.queuedRequestCount = 2000;
    expect(backlog.waitingBytes).toBe(1064 + 2000 * 128);
  });
});

describe('peersToCut()', () => {
  const peer = (origin: string, waitingBytes: number, isBehind = true) => ({
    origin,
    waitingBytes,
    isBehind: () => isBehind,
  });

  test('peersToCut() finds no peer while few bytes wait', () => {
    const peers = Array.from({ length: 100 }, (_, at) => peer(`${at % 4}`, MAX_SESSION_WAITING_BYTES / 110));
    expect(peersToCut(peers, 0)).toEqual([]);
  });

  test('peersToCut() finds the peers of an address that take nothing, those with most bytes first', () => {
    const piles = [1, 2, 3, 4].map((share) => peer('a', (share * MAX_ADDRESS_WAITING_BYTES) / 8));
    const honest = [peer('a', MAX_ADDRESS_WAITING_BYTES / 2, false), peer('b', MAX_ADDRESS_WAITING_BYTES)];
    expect(peersToCut([...piles, ...honest], 0)).toEqual([piles[3], piles[2]]);
  });

  test('peersToCut() finds peers of the address with most when too many bytes wait for all together', () => {
    const greedy = Array.from({ length: 10 }, () => peer('greedy', MAX_ADDRESS_WAITING_BYTES / 10));
    const others = Array.from({ length: 20 }, (_, at) => peer(`${at}`, MAX_SESSION_WAITING_BYTES / 20));
    const cut = peersToCut([...others, ...greedy], 0);
    expect(cut.slice(0, 10)).toEqual(greedy);
    expect(cut.length).toBeLessThan(12);
  });

  test('peersToCut() finds peers that do take their bytes only when very many wait', () => {
    const trickling = Array.from({ length: 39 }, () => peer('a', MAX_ADDRESS_WAITING_BYTES / 10, false));
    expect(peersToCut(trickling, 0)).toEqual([]);
    const others = Array.from({ length: 10 }, () => peer('b', 1, false));
    const more = Array.from({ length: 5 }, () => peer('a', MAX_ADDRESS_WAITING_BYTES / 8, false));
    const cut = peersToCut([...others, ...trickling, ...more], 0);
    expect(cut.length).toBeGreaterThan(4);
    expect(cut.slice(0, 5)).toEqual(more);
    expect(cut.every(({ origin }) => origin === 'a')).toBe(true);
  });
});
