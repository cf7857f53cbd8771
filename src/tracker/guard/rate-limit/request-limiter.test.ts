import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressRange, parseAddressRange, parseIp } from '../../../util/index.ts';
import { IPV6_NETWORK_SHARES, RequestLimiter } from './request-limiter.ts';

interface Options {
  readonly perSecond?: number;
  readonly exempt?: readonly AddressRange[];
  readonly maxAddresses?: number;
}

function limiterOf({ perSecond = 10, exempt = [], maxAddresses }: Options = {}): RequestLimiter {
  const limiter = new RequestLimiter(exempt, maxAddresses);
  limiter.configure(perSecond, 20);
  return limiter;
}

/** Counts the admitted ones of `count` requests. */
function admitted(limiter: RequestLimiter, address: string, count: number, now: number): number {
  const ip = parseIp(address)!;
  return Array.from({ length: count }, () => limiter.admits(ip, 1, now)).filter(Boolean).length;
}

describe('RequestLimiter', () => {
  test('admits() a burst, and then as many as the time brings', () => {
    const limiter = limiterOf();
    expect(admitted(limiter, '192.0.2.1', 30, 0)).toBe(20);
    expect(admitted(limiter, '192.0.2.1', 30, 500)).toBe(5);
    expect(admitted(limiter, '192.0.2.1', 30, 500)).toBe(0);
    expect(admitted(limiter, '192.0.2.1', 30, 60_000)).toBe(20);
    expect(limiter.refused).toBe(10 + 25 + 30 + 10);
  });

  test('admits() each address by itself', () => {
    const limiter = limiterOf();
    expect(admitted(limiter, '192.0.2.1', 30, 0)).toBe(20);
    expect(admitted(limiter, '192.0.2.2', 30, 0)).toBe(20);
  });

  test('admits() a request that costs more than the burst when the bucket is full', () => {
    const limiter = limiterOf();
    const ip = parseIp('192.0.2.1')!;
    expect(limiter.admits(ip, 100, 0)).toBe(true);
    expect(limiter.admits(ip, 1, 99)).toBe(false);
    expect(limiter.admits(ip, 1, 100)).toBe(true);
  });

  test('admits() all addresses of a subnet of IPv6 together, and no more than some subnets of a network', () => {
    const limiter = limiterOf();
    expect(admitted(limiter, '2001:db8:1:1::1', 30, 0)).toBe(20);
    expect(admitted(limiter, '2001:db8:1:1:ffff::2', 30, 0)).toBe(0);
    expect(admitted(limiter, '2001:db8:1:2::1', 30, 0)).toBe(20);
    let network = 40;
    for (let subnet = 3; subnet < 100; subnet += 1)
      network += admitted(limiter, `2001:db8:1:${subnet}::`, 30, 0);
    expect(network).toBe(20 * IPV6_NETWORK_SHARES);
    expect(admitted(limiter, '2001:db8:2:1::', 30, 0)).toBe(20);
  });

  test('admits() a subnet its own burst after its network was over the limit', () => {
    const limiter = limiterOf();
    for (let subnet = 1; subnet <= IPV6_NETWORK_SHARES; subnet += 1)
      expect(admitted(limiter, `2001:db8:1:${subnet}::`, 20, 0)).toBe(20);
    expect(admitted(limiter, '2001:db8:1:ff::', 1000, 0)).toBe(0);
    expect(limiter.admits(parseIp('2001:db8:1:ff::')!, 100, 0)).toBe(false);
    // The network has got 40 back in this time.
    expect(admitted(limiter, '2001:db8:1:ff::', 30, 250)).toBe(20);
  });

  test('admits() all requests of exempt addresses, and of everyone without a limit', () => {
    const exempt = [parseAddressRange('10.0.0.0/8')!];
    expect(admitted(limiterOf({ exempt }), '10.1.2.3', 100, 0)).toBe(100);
    expect(admitted(limiterOf({ exempt }), '11.1.2.3', 100, 0)).toBe(20);
    expect(admitted(limiterOf({ perSecond: 0 }), '11.1.2.3', 100, 0)).toBe(100);
  });

  test('charge() takes more than is left, and what is owed is paid before another request is admitted', () => {
    const limiter = limiterOf();
    for (const [address, other] of [
      ['192.0.2.1', '192.0.2.2'],
      ['2001:db8:1:1::', '2001:db8:2:1::'],
    ] as const) {
      const ip = parseIp(address)!;
      expect(limiter.admits(ip, 15, 0)).toBe(true);
      limiter.charge(ip, 15, 0);
      expect(admitted(limiter, address, 30, 1000)).toBe(0);
      expect(admitted(limiter, address, 30, 1500)).toBe(5);
      expect(admitted(limiter, other, 30, 1500)).toBe(20);
    }
  });

  test('charge() takes nothing from an exempt address, and never more than twice the burst', () => {
    const exempt = [parseAddressRange('10.0.0.0/8')!];
    const limiter = limiterOf({ exempt });
    limiter.charge(parseIp('10.0.0.1')!, 1000, 0);
    expect(admitted(limiter, '10.0.0.1', 30, 0)).toBe(30);
    limiter.charge(parseIp('192.0.2.1')!, 1000, 0);
    expect(admitted(limiter, '192.0.2.1', 30, 2000)).toBe(0);
    expect(admitted(limiter, '192.0.2.1', 30, 4000)).toBe(20);
  });

  test('admits() by the limits that were configured last', () => {
    const limiter = limiterOf();
    expect(admitted(limiter, '192.0.2.1', 30, 0)).toBe(20);
    limiter.configure(1000, 5);
    expect(admitted(limiter, '192.0.2.1', 30, 2000)).toBe(5);
    limiter.configure(0, 5);
    expect(admitted(limiter, '192.0.2.1', 30, 2000)).toBe(30);
  });

  test('admits() no more requests of the address that asks most when many others come', () => {
    const limiter = limiterOf({ maxAddresses: 64 });
    expect(admitted(limiter, '192.0.2.1', 30, 0)).toBe(20);
    for (let other = 0; other < 10_000; other += 1) {
      expect(admitted(limiter, `10.0.${other >> 8}.${other & 255}`, 1, 0)).toBe(1);
    }
    expect(admitted(limiter, '192.0.2.1', 30, 100)).toBe(1);
  });

  test('admits() what a bucket for each address would', () => {
    const step = fc.record({
      host: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::', '2001:db8:0:1::'),
      cost: fc.integer({ min: 1, max: 25 }),
      pause: fc.integer({ min: 0, max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const limiter = limiterOf();
        const buckets = new Map<string, { tokens: number; at: number }>();
        let now = 0;
        for (const { host, cost, pause } of steps) {
          now += pause;
          const bucket = buckets.get(host) ?? { tokens: 20, at: now };
          const tokens = Math.min(20, bucket.tokens + (now - bucket.at) / 100);
          const price = Math.min(cost, 20);
          // Rounding may go either way when a bucket has just enough.
          fc.pre(Math.abs(tokens - price) > 1e-6 || bucket.tokens === 20);
          const isAdmitted = tokens >= price;
          buckets.set(host, { tokens: isAdmitted ? tokens - price : tokens, at: now });
          expect(limiter.admits(parseIp(host)!, cost, now)).toBe(isAdmitted);
        }
      }),
    );
  });
});
