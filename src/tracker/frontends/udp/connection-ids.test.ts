import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectionIds } from './connection-ids.ts';

const SECOND = 1000;
const secret = Uint8Array.from({ length: 16 }, (_, at) => at * 11);
const ids = new ConnectionIds(secret);
const ip = Uint8Array.of(192, 0, 2, 1);

function idFor(ip: Uint8Array, now: number, from = ids): Buffer {
  const packet = Buffer.alloc(16);
  from.write(packet, 0, ip, now);
  return packet;
}

describe('ConnectionIds', () => {
  test('an id is valid for at least two minutes and at most four, whenever it was made', () => {
    const ips = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
    );
    const times = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(ips, times, fc.nat(120 * SECOND), fc.nat(2 ** 31), (ip, now, soon, late) => {
        const id = idFor(ip, now);
        expect(ids.isValid(id, ip, now + soon)).toBe(true);
        expect(ids.isValid(id, ip, now + 240 * SECOND + late)).toBe(false);
      }),
    );
  });

  test('an id of the future is not valid', () => {
    const now = 10_000 * SECOND;
    expect(ids.isValid(idFor(ip, now + 60 * SECOND), ip, now)).toBe(false);
  });

  test('an id is not valid when one of its bits is changed', () => {
    const id = idFor(ip, 0);
    for (let bit = 0; bit < 64; bit += 1) {
      id[bit >> 3]! ^= 1 << (bit & 7);
      expect(ids.isValid(id, ip, 0)).toBe(false);
      id[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(ids.isValid(id, ip, 0)).toBe(true);
  });

  test('an id is not valid at another address, nor with another secret', () => {
    const id = idFor(ip, 0);
    expect(ids.isValid(id, Uint8Array.of(192, 0, 2, 2), 0)).toBe(false);
    expect(ids.isValid(id, Uint8Array.of(...ip, ...Array(12).fill(0)), 0)).toBe(false);
    expect(new ConnectionIds(new Uint8Array(16)).isValid(id, ip, 0)).toBe(false);
  });

  test('the protocol id of BEP 15 is no valid id', () => {
    expect(ids.isValid(Buffer.from('0000041727101980', 'hex'), ip, 0)).toBe(false);
  });
});
