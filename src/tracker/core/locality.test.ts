import { describe, expect, test } from 'vitest';
import { formatIp, parseIp } from '../../util/index.ts';
import { nearTo, parseLocality } from './locality.ts';

const near = (ip: string, zones: string[][] = []): string[] =>
  nearTo(parseIp(ip)!, parseLocality(zones)).map(({ prefix, bits }) => `${formatIp(prefix)}/${bits}`);

describe('nearTo()', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7/24'],
    ['2001:db8:1:2::3', '2001:db8:1:2::3/48'],
  ])('nearTo(%s) is its subnet', (ip, subnet) => expect(near(ip)).toEqual([subnet]));

  test('nearTo() is the whole zone of an address that is in one, whatever the family', () => {
    const zones = [['10.1.0.0/16', '2001:db8:1::/48'], ['10.0.0.0/8']];
    expect(near('10.1.2.3', zones)).toEqual(zones[0]);
    expect(near('2001:db8:1::5', zones)).toEqual(zones[0]);
    expect(near('10.2.2.3', zones)).toEqual(zones[1]);
    expect(near('192.0.2.7', zones)).toEqual(['192.0.2.7/24']);
  });
});

test('parseLocality() says which zone it cannot read', () => {
  expect(() => parseLocality([['10.1.0.0/16', 'office']])).toThrow(/"office"/);
});
