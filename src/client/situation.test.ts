import { describe, expect, test } from 'vitest';
import { describeSituation, situationOf } from './situation.ts';

const nobody = { known: 0, connected: 0, dialing: 0, sources: {}, ended: {} };
const failed = {
  url: 'http://user:secret@t.example/0123456789abcdef0123/announce?key=secret',
  state: 'failed',
  failures: 3,
  failingSince: 0,
  error: new Error('GET http://t.example/…/announce: HTTP status 503'),
  isHopeless: false,
} as const;
const fine = {
  ...failed,
  url: 'udp://u.example:80',
  state: 'answered',
  failures: 0,
  error: undefined,
} as const;

describe('describeSituation()', () => {
  test('describeSituation() counts the peers by their state, and gives the result of each tracker', () => {
    const peers = {
      known: 12,
      connected: 0,
      dialing: 1,
      sources: { tracker: 12 },
      ended: { timedOut: 8, refused: 3, noHandshake: 0 },
    };
    expect(describeSituation(situationOf(peers, [fine, failed]))).toBe(
      '12 peers known: 1 being connected, 8 timed out, 3 refused; ' +
        'trackers: udp://u.example:80 answered, http://t.example/…/announce failed 3 times (HTTP status 503)',
    );
  });

  test('describeSituation() says that there is no peer and no tracker to ask', () => {
    expect(describeSituation(situationOf(nobody, []))).toBe('0 peers known; no tracker to ask');
  });

  test('describeSituation() names five of many trackers, and counts the rest', () => {
    const trackers = Array.from({ length: 9 }, (_, at) => ({ ...fine, url: `udp://u${at}.example:80` }));
    expect(describeSituation(situationOf(nobody, trackers))).toMatch(/u4\.example:80 answered, and 4 more$/);
  });
});

describe('situationOf()', () => {
  test('situationOf() contains no password, key or query of a tracker', () => {
    expect(JSON.stringify(situationOf(nobody, [failed]))).not.toMatch(/secret|0123456789abcdef/);
  });
});
