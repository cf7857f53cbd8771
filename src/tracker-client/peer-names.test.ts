import { describe, expect, test } from 'vitest';
import { type LookUp, lookUpPeers, MAX_WAITING_NAMES } from './peer-names.ts';

/** Answers look-ups from a table; a name that is not in it has no address. */
const from =
  (table: Record<string, readonly string[]>): LookUp =>
  (name) => {
    const found = table[name];
    if (found === undefined) return Promise.reject(new Error('getaddrinfo ENOTFOUND'));
    return Promise.resolve(found.map((address) => ({ address })));
  };
const named = (...names: string[]) => names.map((name) => ({ name, port: 6881 }));

describe('lookUpPeers()', () => {
  test('lookUpPeers() takes the first usable address of a name, and leaves out names without one', async () => {
    const lookUp = from({ a: ['192.0.2.1', '192.0.2.2'], b: ['10.0.0.1', '2606:4700::1'], c: ['0.0.0.0'] });
    expect(await lookUpPeers(named('a', 'nobody', 'b', 'c'), '198.51.100.1', lookUp)).toEqual([
      { host: '192.0.2.1', port: 6881 },
      { host: '2606:4700::1', port: 6881 },
    ]);
  });

  test.each(['127.0.0.1', '10.0.0.1', '100.64.0.1', 'fd00::1', '::ffff:192.168.0.1'])(
    'lookUpPeers() takes %s from a private tracker only',
    async (address) => {
      const lookUp = from({ a: [address] });
      expect(await lookUpPeers(named('a'), '192.168.7.7', lookUp)).toHaveLength(1);
      expect(await lookUpPeers(named('a'), '198.51.100.1', lookUp)).toEqual([]);
      expect(await lookUpPeers(named('a'), undefined, lookUp)).toEqual([]);
    },
  );

  test.each(['0.0.0.0', '::', '224.0.0.1', '169.254.169.254', 'fe80::1', '64:ff9b::7f00:1'])(
    'lookUpPeers() takes %s from no tracker at all',
    async (address) => {
      expect(await lookUpPeers(named('a'), '127.0.0.1', from({ a: [address] }))).toEqual([]);
    },
  );

  test('lookUpPeers() looks up one name at a time, and leaves out names beyond its limit', async () => {
    let underWay = 0;
    let most = 0;
    const lookUp: LookUp = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await Promise.resolve();
      underWay -= 1;
      return [{ address: '192.0.2.1' }];
    };
    const names = named(...Array.from({ length: MAX_WAITING_NAMES - 1 }, (_, at) => `n${at}`));
    const found = await Promise.all([
      lookUpPeers(names, undefined, lookUp),
      lookUpPeers(names, undefined, lookUp),
    ]);
    expect(most).toBe(1);
    expect(found.flat()).toHaveLength(MAX_WAITING_NAMES);
    expect(await lookUpPeers(named('a'), undefined, lookUp)).toHaveLength(1);
  });
});
