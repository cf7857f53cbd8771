import { describe, expect, test } from 'vitest';
import { type AddressRange, parseAddressRange, parseIp } from '../../../util/index.ts';
import {
  ConnectionLimiter,
  IPV6_NETWORK_CONNECTION_SHARES,
  IPV6_SITE_CONNECTION_SHARES,
} from './connection-limiter.ts';

function limiterOf(perAddress: number, exempt: readonly AddressRange[] = []): ConnectionLimiter {
  const limiter = new ConnectionLimiter(exempt);
  limiter.configure(perAddress);
  return limiter;
}

const ip = (text: string): Uint8Array => parseIp(text)!;

describe('ConnectionLimiter', () => {
  test('admit() refuses one too many until another has ended', () => {
    const limiter = limiterOf(2);
    expect(limiter.admit(ip('192.0.2.1'))).toBe(true);
    expect(limiter.admit(ip('192.0.2.1'))).toBe(true);
    expect(limiter.admit(ip('192.0.2.1'))).toBe(false);
    expect(limiter.admit(ip('192.0.2.2'))).toBe(true);
    limiter.release(ip('192.0.2.1'));
    expect(limiter.admit(ip('192.0.2.1'))).toBe(true);
    expect(limiter.refused).toBe(1);
  });

  test('admit() takes a subnet of IPv6 for one, and limits the networks of a customer', () => {
    const limiter = limiterOf(10);
    const admitted = (address: string, count: number): number =>
      Array.from({ length: count }, () => limiter.admit(ip(address))).filter(Boolean).length;
    expect(admitted('2001:db8::1', 8)).toBe(8);
    expect(admitted('2001:db8::2', 8)).toBe(2);
    expect(admitted('2001:db8:0:1::', 10)).toBe(10);
    // These are of the same /56, and then of others in the /48.
    expect(admitted('2001:db8:0:2::', 10)).toBe(10 * (IPV6_SITE_CONNECTION_SHARES - 2));
    let network = 20;
    for (let site = 1; site < 100; site += 1) network += admitted(`2001:db8:0:${site.toString(16)}00::`, 10);
    expect(network).toBe(10 * IPV6_NETWORK_CONNECTION_SHARES);
    expect(admitted('2001:db8:1::', 10)).toBe(10);
    limiter.release(ip('2001:db8::2'));
    expect(admitted('2001:db8:0:2::', 10)).toBe(1);
  });

  test('admit() refuses no exempt address, and nobody without a limit', () => {
    const exempt = limiterOf(1, [parseAddressRange('10.0.0.0/8')!]);
    const unlimited = limiterOf(0);
    for (let count = 0; count < 3; count += 1) {
      expect(exempt.admit(ip('10.0.0.1'))).toBe(true);
      expect(unlimited.admit(ip('192.0.2.1'))).toBe(true);
    }
  });
});
