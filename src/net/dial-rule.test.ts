import { describe, expect, test } from 'vitest';
import { type DialRule, guardedLookup, ipOfHost, mayDial, type NamedBy } from './dial-rule.ts';

const OUTSIDE: NamedBy = { server: '198.51.100.1' };
const INSIDE: NamedBy = { server: '192.168.7.7' };
const UNKNOWN: NamedBy = { server: undefined };

describe('mayDial()', () => {
  test('mayDial() takes every address that the user names', () => {
    for (const ip of ['127.0.0.1', '169.254.169.254', '0.0.0.0', '8.8.8.8'])
      expect(mayDial(ip, { namedBy: 'user', isHarmless: false })).toBe(true);
  });

  test.each(['8.8.8.8', '2606:4700::1'])('mayDial() takes the public address %s from anybody', (ip) => {
    for (const namedBy of ['file', OUTSIDE, INSIDE, UNKNOWN] as const)
      expect(mayDial(ip, { namedBy, isHarmless: false })).toBe(true);
  });

  test.each(['127.0.0.1', '10.0.0.5', '::1', 'fd00::1', '::ffff:10.0.0.5'])(
    'mayDial() takes the private address %s from a file or a private server for harmless requests only',
    (ip) => {
      for (const namedBy of ['file', INSIDE] as const) {
        expect(mayDial(ip, { namedBy, isHarmless: true })).toBe(true);
        expect(mayDial(ip, { namedBy, isHarmless: false })).toBe(false);
      }
      for (const namedBy of [OUTSIDE, UNKNOWN])
        expect(mayDial(ip, { namedBy, isHarmless: true })).toBe(false);
    },
  );

  test.each(['169.254.169.254', 'fe80::1', '0.0.0.0', '::', '224.0.0.1', '64:ff9b::7f00:1', 'localhost'])(
    'mayDial() takes %s from nobody but the user',
    (ip) => {
      for (const namedBy of ['file', OUTSIDE, INSIDE, UNKNOWN] as const)
        expect(mayDial(ip, { namedBy, isHarmless: true })).toBe(false);
    },
  );
});

describe('guardedLookup()', () => {
  /** Looks up `localhost`, which needs no server of names. */
  function lookUp(rule: DialRule, all: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const guarded = guardedLookup(rule, (ip) => new Error(`refused ${ip}`));
      guarded('localhost', { all, family: 4 }, (error, address) =>
        error === null ? resolve(address) : reject(error),
      );
    });
  }

  test('guardedLookup() gives the addresses that may be dialled, and refuses any other', async () => {
    expect(await lookUp({ namedBy: 'file', isHarmless: true }, true)).toEqual([
      { address: '127.0.0.1', family: 4 },
    ]);
    expect(await lookUp({ namedBy: 'file', isHarmless: true }, false)).toBe('127.0.0.1');
    await expect(lookUp({ namedBy: OUTSIDE, isHarmless: true }, true)).rejects.toThrow('refused 127.0.0.1');
  });
});

test('ipOfHost() reads the address in all the ways in which a URL may write one', () => {
  const hosts = ['127.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.0.0.1.', '[::ffff:127.0.0.1]'];
  for (const host of hosts) expect(ipOfHost(new URL(`http://${host}/`).hostname), host).toBe('127.0.0.1');
  expect(ipOfHost('tracker.example')).toBeUndefined();
});
