import { expect, test } from 'vitest';
import { get } from './get.ts';
import type { GetOptions } from './get-options.ts';

/** Calls as JavaScript does, where nobody checks types. */
const getAny = get as (options: unknown) => Promise<unknown>;

const tracker = 'http://127.0.0.1:1';

test.each<[options: unknown, message: string]>([
  [undefined, 'the options must be an object, found undefined'],
  ['a.torrent', 'the options must be an object, found the string "a.torrent"'],
  [
    { torrent: 'a.torrent' },
    'torrent must be the bytes of a .torrent as a Uint8Array, found the string "a.torrent"',
  ],
  [{ tracker, sha256: 5 }, 'sha256 must be a string of 64 hex digits, found the number 5'],
  [{ tracker, name: 'a', size: '5' }, 'size must be a whole number of bytes, found the string "5"'],
  [{ tracker, name: 'a', signal: {} }, 'signal must be an AbortSignal, found an object'],
  [{ tracker, name: 'a', limits: '1M' }, 'limits must be an object, found the string "1M"'],
  [{ tracker, name: 'a', onProgress: 3 }, 'onProgress must be a function, found the number 3'],
  [
    { tracker, name: 'a', preallocation: true },
    'preallocation must be one of "none", "sparse", "full", found true',
  ],
  [{ tracker, name: 'a', ouput: 'b' }, 'there is no option ouput; did you mean output?'],
  [
    { tracker: new URL(tracker), name: 'a' },
    'tracker must be an http:// or https:// URL such as http://tracker.example:9910, or an array of them, found an object of type URL',
  ],
  [
    { tracker: 'x', name: 'a' },
    'tracker must be an http:// or https:// URL such as http://tracker.example:9910, or an array of them, found the string "x"',
  ],
])('get() of options of the wrong type names the option: %j', async (options, message) => {
  await expect(getAny(options)).rejects.toMatchObject({
    name: 'GetError',
    code: 'USAGE',
    message: `Cannot get a file: ${message}`,
  });
});

test('get() treats options that are undefined as absent', async () => {
  const options: { [Name in keyof GetOptions]: unknown } = { tracker, name: undefined, signal: undefined };
  await expect(getAny(options)).rejects.toMatchObject({ message: expect.stringMatching(/says which/) });
});
