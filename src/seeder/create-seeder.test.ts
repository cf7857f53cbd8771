import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { encode } from '../bencode/index.ts';
import { createTracker } from '../tracker/index.ts';
import { parseInfoHash } from '../util/index.ts';
import { encodeHandshake, HANDSHAKE_BYTES } from '../wire/index.ts';
import { createSeeder } from './create-seeder.ts';

test('createSeeder() goes on after callbacks that throw or reject, and reports their errors', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('a'), 'a');
  await using tracker = await createTracker({ host: '127.0.0.1' });
  const warnings: string[] = [];
  await using seeder = await createSeeder({
    tracker: tracker.url,
    paths: [folder.path],
    onRegistered: () => {
      throw new Error('not interested');
    },
    onWarning: ({ message }) => {
      warnings.push(message);
      throw new Error('nor in this');
    },
  });
  await seeder.registered;
  expect(warnings).toEqual(['The callback onRegistered threw: not interested']);
});

test('createSeeder() resolves registered at once without a tracker, and rejects it when closed too early', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('a'), 'a');
  await using alone = await createSeeder({ paths: [folder.path] });
  await expect(alone.registered).resolves.toBeUndefined();
  const seeder = await createSeeder({
    tracker: 'http://127.0.0.1:1',
    paths: [folder.path],
    onWarning: () => {},
  });
  await seeder.close();
  await expect(seeder.registered).rejects.toMatchObject({ name: 'SeederError', code: 'CLOSED' });
});

const boom = new Error('boom');

test.each([
  [
    'throws',
    () => {
      throw boom;
    },
  ],
  ['returns a promise that rejects', (): unknown => Promise.reject(boom)],
])('createSeeder() rejects with the error of onHashing when it %s', async (_how, onHashing) => {
  await using folder = await tempFolder();
  await writeFile(folder.join('a'), 'a');
  await expect(createSeeder({ paths: [folder.path], onHashing })).rejects.toMatchObject({
    name: 'SeederError',
    code: 'CALLBACK_FAILED',
    message: 'The callback onHashing threw: boom',
    cause: boom,
  });
});

test.each([
  ['an AbortController', (stop: AbortController) => stop.abort(new Error('enough')), 'ABORTED', 'enough'],
  [
    'AbortSignal.timeout()',
    (stop: AbortController) => stop.abort(new DOMException('too late', 'TimeoutError')),
    'TIMED_OUT',
    'too late',
  ],
])(
  'createSeeder() rejects with a SeederError when the signal of %s aborts before or during the call',
  async (_whose, abort, code, why) => {
    await using folder = await tempFolder();
    await writeFile(folder.join('a'), 'a');
    const stop = new AbortController();
    const seeding = () =>
      createSeeder({ paths: [folder.path], signal: stop.signal, onHashing: () => abort(stop) });
    const failure = { name: 'SeederError', code, cause: expect.objectContaining({ message: why }) };
    await expect(seeding()).rejects.toMatchObject(failure);
    await expect(seeding()).rejects.toMatchObject(failure);
  },
);

test('createSeeder() names the path of the data of a torrent, or the file in it, that does not exist', async () => {
  await using folder = await tempFolder();
  const torrent = encode({
    info: { length: 1, name: 'a', 'piece length': 16_384, pieces: new Uint8Array(20) },
  });
  const seeding = (data: string) => createSeeder({ torrents: [{ torrent, data }] });
  const nothing = folder.join('nothing');
  await expect(seeding(nothing)).rejects.toMatchObject({
    code: 'DISK',
    message: expect.stringContaining(nothing),
    path: nothing,
  });
  const missing = folder.join('a');
  await expect(seeding(folder.path)).rejects.toMatchObject({
    code: 'DISK',
    message: `Cannot seed a: ${missing} does not exist`,
    path: missing,
  });
});

test('createSeeder() takes no more connections than maxConnections says', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('a'), 'a');
  await using seeder = await createSeeder({ paths: [folder.path], bind: '127.0.0.1', maxConnections: 1 });
  const { infoHash } = seeder.torrents[0]!;
  const supports = { fast: false, extended: false, dht: false, v2: false };
  /** @returns how many bytes came first; 0 when the connection was closed */
  const greet = async (id: number) => {
    const socket = connect(seeder.address.port, '127.0.0.1');
    const ended = once(socket, 'close').then(
      () => 0,
      () => 0,
    );
    const peerId = new Uint8Array(20).fill(id);
    socket.write(encodeHandshake({ infoHash: parseInfoHash(infoHash), peerId, supports }));
    const answer = once(socket, 'data').then(([bytes]) => (bytes as Uint8Array).length);
    return { socket, answered: await Promise.race([answer, ended]) };
  };
  const first = await greet(1);
  const second = await greet(2);
  expect(first.answered).toBeGreaterThanOrEqual(HANDSHAKE_BYTES);
  expect(second.answered).toBe(0);
  first.socket.destroy();
});

test('createSeeder() offers a folder once that is given in several ways', async () => {
  await using folder = await tempFolder();
  await writeFile(folder.join('a'), 'a');
  const paths = [folder.path, `${folder.path}/`, `${folder.path}/../${basename(folder.path)}`];
  const read: number[] = [];
  await using seeder = await createSeeder({ paths, asOne: true, onHashing: ({ total }) => read.push(total) });
  expect(seeder.torrents).toHaveLength(1);
  expect(new Set(read)).toEqual(new Set([1]));
});

test('createSeeder() tells in one line which files keep a folder from being offered, and how to take links', async () => {
  await using folder = await tempFolder();
  await mkdir(folder.join('good'));
  await mkdir(folder.join('links'));
  await mkdir(folder.join('outside'));
  await writeFile(folder.join('good/a'), 'a');
  await writeFile(folder.join('outside/b'), 'b');
  await symlink('/etc', folder.join('outside/etc'));
  await symlink('../good/a', folder.join('links/a'));
  const paths = ['good', 'links', 'outside'].map((name) => folder.join(name));
  await using seeder = await createSeeder({ paths, asOne: true, onWarning: () => {} });
  expect(seeder.notOffered.map(({ message }) => message)).toEqual([
    expect.stringMatching(/there is no file in it, but 1 symbolic link\. To take .* give --follow$/),
    expect.stringMatching(/cannot be used: .*outside\/etc: it is a symbolic link that leads out/),
  ]);
});
