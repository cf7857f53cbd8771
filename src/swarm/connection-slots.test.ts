import { describe, expect, test } from 'vitest';
import { ConnectionSlots, type SlotHolder } from './connection-slots.ts';

class FakeHolder implements SlotHolder {
  readonly host: string;
  readonly cameAt = 0;
  movedBytes = 0;
  idle = false;
  isGone = false;

  constructor(host: string) {
    this.host = host;
  }

  idleMs(): number {
    return this.idle ? 60_000 : 0;
  }

  giveWay(): void {
    this.isGone = true;
  }
}

/** Opens one connection with each host. `come()` opens another; it returns `undefined` when that gets no slot. */
function fill(limit: number, hosts: readonly string[]) {
  const slots = new ConnectionSlots<FakeHolder>(limit);
  const come = (host: string): FakeHolder | undefined => {
    const holder = new FakeHolder(host);
    expect(slots.hasRoomFor(host, 0)).toBe(slots.canOpen || slots.hasRoomFor(host, 0));
    if (!slots.makeRoomFor(host, 0)) return undefined;
    slots.take(holder);
    return holder;
  };
  return { slots, come, holders: hosts.flatMap((host) => come(host) ?? []) };
}

const times = (count: number, host: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => host(at));
const left = (holders: readonly FakeHolder[]) => holders.filter(({ isGone }) => !isGone).length;

describe('ConnectionSlots', () => {
  test('makeRoomFor() gives one address all slots while no other wants any', () => {
    expect(
      fill(
        500,
        times(600, () => '192.0.2.1'),
      ).slots.taken,
    ).toBe(500);
  });

  test.each([
    ['an address', (at: number) => (at >= 0 ? '192.0.2.1' : '')],
    ['an IPv4 /24', (at: number) => `192.0.2.${at % 250}`],
    ['an IPv6 /64', (at: number) => `2001:db8::${at}`],
    ['an IPv6 /48', (at: number) => `2001:db8:0:${at}::1`],
  ])('makeRoomFor() gives other addresses an equal share when %s has all slots', (_, host) => {
    const { come, holders } = fill(100, times(100, host));
    const others = times(80, (at) => `198.51.${at}.1`).map((other) => come(other));
    expect(others.filter((other) => other !== undefined)).toHaveLength(80);
    expect(left(holders)).toBe(20);
    const greedy = times(80, () => '203.0.113.5').flatMap((other) => come(other) ?? []);
    expect(left(greedy) - left(holders)).toBeLessThanOrEqual(1);
    expect(others.every((other) => other?.isGone === false)).toBe(true);
  });

  test('makeRoomFor() takes a slot within a network from the address that has most', () => {
    const { come, holders } = fill(
      50,
      times(50, (at) => (at < 40 ? '192.0.2.1' : `192.0.2.${at}`)),
    );
    expect(come('192.0.2.99')).toBeDefined();
    expect(left(holders.slice(0, 40))).toBe(39);
  });

  test('makeRoomFor() takes no slot that is in use when all networks have as many', () => {
    const { come, holders } = fill(
      50,
      times(50, (at) => `198.51.${at}.1`),
    );
    expect(come('192.0.2.1')).toBeUndefined();
    holders[7]!.idle = true;
    expect(come('192.0.2.1')).toBeDefined();
    expect(holders[7]!.isGone).toBe(true);
  });

  test('makeRoomFor() takes the slots of idle connections first, then of those that moved least', () => {
    const { come, holders } = fill(
      10,
      times(10, () => '192.0.2.1'),
    );
    for (const [at, holder] of holders.entries()) holder.movedBytes = at;
    holders[9]!.idle = true;
    come('198.51.100.1');
    come('203.0.113.1');
    expect(holders.filter(({ isGone }) => isGone)).toEqual([holders[0], holders[9]]);
  });

  test('makeRoomFor() takes no slot from a network that has fewer, even an idle one', () => {
    const { come, holders } = fill(
      10,
      times(10, (at) => (at < 9 ? '192.0.2.1' : '198.51.100.1')),
    );
    holders[9]!.idle = true;
    expect(come('192.0.2.1')).toBeUndefined();
    expect(come('192.0.2.2')).toBeDefined();
    expect(holders[9]!.isGone).toBe(false);
  });

  test('release() does nothing for a connection that has lost its slot', () => {
    const { slots, come, holders } = fill(2, ['192.0.2.1', '192.0.2.1']);
    come('198.51.100.1');
    slots.release(holders.find(({ isGone }) => isGone)!);
    expect(slots.taken).toBe(2);
  });

  test('makeRoomToDial() spares a connection that has moved bytes, and the only one of an address', () => {
    const { slots, holders } = fill(4, ['192.0.2.1', '192.0.2.1', '198.51.100.1', '203.0.113.1']);
    holders[0]!.movedBytes = 1;
    slots.makeRoomToDial(holders, 6000);
    expect(holders.map(({ isGone }) => isGone)).toEqual([false, true, false, false]);
    slots.release(holders[1]!);
    slots.take(new FakeHolder('233.252.0.1'));
    slots.makeRoomToDial(holders, 6000);
    expect(left(holders)).toBe(3);
  });
});
