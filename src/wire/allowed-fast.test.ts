import { describe, expect, test } from 'vitest';
import { parseInfoHash } from '../util/index.ts';
import { allowedFastSet } from './allowed-fast.ts';

const infoHash = parseInfoHash('a'.repeat(40));

describe('allowedFastSet()', () => {
  test.each([
    [7, [1059, 431, 808, 1217, 287, 376, 1188]],
    [9, [1059, 431, 808, 1217, 287, 376, 1188, 353, 508]],
  ])('gives the %i pieces of the example of BEP 6', (count, expected) => {
    expect(allowedFastSet(infoHash, '80.4.4.200', 1313, count)).toEqual(expected);
  });

  test('gives the same pieces to all of a /24 network', () => {
    const pieces = allowedFastSet(infoHash, '80.4.4.1', 1313, 10);
    expect(allowedFastSet(infoHash, '80.4.4.254', 1313, 10)).toEqual(pieces);
    expect(allowedFastSet(infoHash, '80.4.5.1', 1313, 10)).not.toEqual(pieces);
  });

  test('gives each piece of the torrent once when it has fewer than were asked for', () => {
    expect(allowedFastSet(infoHash, '80.4.4.200', 3, 10).sort((a, b) => a - b)).toEqual([0, 1, 2]);
  });

  test.each(['2001:db8::1', 'example.org'])(
    'gives no pieces to a peer at %s, which is not an IPv4 address',
    (host) => {
      expect(allowedFastSet(infoHash, host, 1313, 10)).toEqual([]);
    },
  );
});
