import { expect, test } from 'vitest';
import { createSeeder } from './create-seeder.ts';

/** Calls as JavaScript does, where nobody checks types. */
const createAny = createSeeder as (options: unknown) => Promise<unknown>;

test.each<[options: unknown, message: string]>([
  [undefined, 'the options must be an object, found undefined'],
  [{ paths: 'data' }, 'paths must be an array of strings, found the string "data"'],
  [{ paths: [5] }, 'paths must be an array of strings, found an array'],
  [{ path: ['data'] }, 'there is no option path; did you mean paths?'],
  [{ paths: ['data'], port: '9911' }, 'port must be a whole number from 0 to 65535, found the string "9911"'],
  [
    { paths: ['data'], maxConnections: 0 },
    'maxConnections must be a whole number of 1 or more, found the number 0',
  ],
  [{ paths: ['data'], limitUp: 0 }, 'limitUp must be a number above 0, found the number 0'],
  [
    { paths: ['data'], tracker: 'x' },
    'tracker must be an http:// or https:// URL such as http://tracker.example:9910, or an array of them, found the string "x"',
  ],
  [
    { paths: ['data'], tracker: '' },
    'tracker must be an http:// or https:// URL such as http://tracker.example:9910, or an array of them, found the string ""',
  ],
  [{ paths: ['data'], bind: '' }, 'bind must be a string that is not empty, found the string ""'],
  [{ torrents: ['a.torrent'] }, 'the options must be an object, found the string "a.torrent"'],
  [
    { torrents: [{ torrent: 'a.torrent', data: '.' }] },
    'torrents[0].torrent must be the bytes of a .torrent as a Uint8Array, found the string "a.torrent"',
  ],
  [{ torrents: [{ data: '.' }] }, 'torrents[0] must have torrent and data'],
])('createSeeder() of options of the wrong type names the option: %j', async (options, message) => {
  await expect(createAny(options)).rejects.toMatchObject({
    name: 'SeederError',
    code: 'USAGE',
    message: `Cannot seed: ${message}`,
  });
});
