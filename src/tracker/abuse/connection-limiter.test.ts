import { describe, expect, test } from 'vitest';
import { parseIp } from '../../util/index.ts';
import { type AddressRange, parseAddressRange } from '../swarms/index.ts';
import { ConnectionLimiter } from './connection-limiter.ts';

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

  test('admit() takes a subnet of IPv6 for one', () => {
    const limiter = limiterOf(1);
    expect(limiter.admit(ip('2001:db8::1'))).toBe(true);
    expect(limiter.admit(ip('2001:db8::2'))).toBe(false);
    expect(limiter.admit(ip('2001:db8:0:1::2'))).toBe(true);
  });

  test('admit() refuses nobody who is exempt, and nobody without a limit', () => {
    const exempt = limiterOf(1, [parseAddressRange('10.0.0.0/8')!]);
    const unlimited = limiterOf(0);
    for (let count = 0; count < 3; count += 1) {
      expect(exempt.admit(ip('10.0.0.1'))).toBe(true);
      expect(unlimited.admit(ip('192.0.2.1'))).toBe(true);
    }
  });
});
