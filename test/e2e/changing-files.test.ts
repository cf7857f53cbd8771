import { chmod, copyFile, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createTracker, type Tracker } from '../../src/tracker/index.ts';
import { makeFile, pollUntil, type SpawnedProcess, sha256Of, tempFolder } from '../support/index.ts';
import { eventsOf, runShoal, shoal, startSeeder, untilEventOf } from './shoal.ts';

/** The names of the torrents at the tracker that a seeder has. */
async function registeredNames({ url }: Tracker): Promise<string[]> {
  return (await torrentsAt(url)).map(({ name }) => name);
}

async function registeredHashes({ url }: Tracker): Promise<(string | undefined)[]> {
  return (await torrentsAt(url)).map(({ sha256 }) => sha256);
}

async function torrentsAt(url: string) {
  const answer = await fetch(`${url}/api/v1/torrents`);
  const { torrents } = (await answer.json()) as {
    readonly torrents: readonly {
      readonly name: string;
      readonly sha256?: string;
      readonly seeders: number;
    }[];
  };
  return torrents.filter(({ seeders }) => seeders > 0);
}

/** Waits until the tracker has taken a list with a number of torrents. */
const untilRegistered = (seeder: SpawnedProcess, torrents: number) =>
  seeder.waitForLine(new RegExp(`"event":"registered".*"torrents":${torrents},`));

/** Gives the words that run a program as a user whom permissions bind, for root may run these tests. */
const asNobody = () =>
  process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];

describe('shoal seed of files that change', () => {
  test.each<[how: string, change: (path: string) => Promise<unknown>, reason: RegExp]>([
    ['deleted', (path) => rm(path), /a\.bin: it was moved or deleted/],
    ['shortened', (path) => truncate(path, 3), /a\.bin: it has changed since it was hashed/],
    ['written to', (path) => writeFile(path, 'x', { flag: 'a' }), /a\.bin: it has changed/],
  ])('offers a file no longer that was %s, and the others still', async (_how, change, reason) => {
    await using folder = await tempFolder();
    await makeFile(folder.join('in/a.bin'), 100_000, 'a');
    const sha256 = await makeFile(folder.join('in/b.bin'), 100_000, 'b');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using seeder = await startSeeder(tracker, folder.join('in'));
    await change(folder.join('in/a.bin'));
    expect(await untilEventOf(seeder.process, 'withdrawn')).toMatchObject({
      path: folder.join('in/a.bin'),
      name: 'a.bin',
      message: expect.stringMatching(reason),
    });
    await untilRegistered(seeder.process, 1);
    expect(await registeredNames(tracker)).toEqual(['b.bin']);
    const where = ['--tracker', tracker.url, '--output', folder.join('got.bin')];
    await runShoal(['get', 'a.bin', ...where], 3);
    expect(await runShoal(['get', 'b.bin', ...where])).toMatchObject({ sha256 });
  });

  test('withdraws a file that may not be read any more though nobody asks for it, and offers it when it may', async () => {
    await using folder = await tempFolder();
    const path = folder.join('in/a.bin');
    const sha256 = await makeFile(path, 100_000, 'a');
    await makeFile(folder.join('in/b.bin'), 100_000, 'b');
    await chmod(folder.path, 0o755);
    await using tracker = await createTracker({ host: '127.0.0.1' });
    const args = ['seed', folder.join('in'), '--port', '0', '--tracker', tracker.url, '--json'];
    await using seeder = await shoal(args, { prefix: asNobody() });
    await untilRegistered(seeder, 2);
    await chmod(path, 0);
    expect(await untilEventOf(seeder, 'withdrawn')).toMatchObject({
      path,
      code: 'DISK',
      message: `Cannot read ${path}: permission denied`,
    });
    await untilRegistered(seeder, 1);
    expect(await registeredNames(tracker)).toEqual(['b.bin']);
    await chmod(path, 0o644);
    expect(await untilEventOf(seeder, 'offered')).toMatchObject({ path, sha256 });
  });

  test('offers a file again that is back, under its new info-hash, and once its content has settled', async () => {
    await using folder = await tempFolder();
    const [path, got] = [folder.join('in/a.bin'), folder.join('got.bin')];
    await makeFile(path, 100_000, 'a');
    const sha256 = await makeFile(folder.join('new.bin'), 200_000, 'new');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using seeder = await startSeeder(tracker, folder.join('in'));
    const before = await runShoal(['get', 'a.bin', '--tracker', tracker.url, '--output', got]);
    // The seeder has the blocks that it sent in its memory, and the file open.
    await rename(folder.join('new.bin'), path);
    const offered = await untilEventOf(seeder.process, 'offered');
    expect(offered).toMatchObject({ path, size: 200_000, sha256 });
    expect(offered['infoHash']).not.toBe(before['infoHash']);
    const withdrawals = eventsOf(seeder.process).filter(({ event }) => event === 'withdrawn');
    expect(withdrawals).toHaveLength(1);
    await pollUntil('the tracker has the new file', async () =>
      (await registeredHashes(tracker)).includes(sha256) ? true : undefined,
    );
    await runShoal(['get', sha256, '--tracker', tracker.url, '--output', got, '--timeout', '30s']);
    expect(await sha256Of(got)).toBe(sha256);
  });

  test('offers a file again, as it was, whose time was changed alone', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'a');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using seeder = await startSeeder(tracker, folder.join('a.bin'));
    await utimes(folder.join('a.bin'), 1, 1);
    await untilEventOf(seeder.process, 'withdrawn');
    expect(await untilEventOf(seeder.process, 'offered')).toMatchObject({ sha256 });
  });

  test('never offers what a symbolic link leads to that came in place of a file or its folder', async () => {
    await using folder = await tempFolder();
    const [a, sub, b] = [folder.join('in/a.bin'), folder.join('in/sub'), folder.join('in/b.bin')];
    await mkdir(folder.join('outside'));
    for (const path of [a, folder.join('in/sub/c.bin'), b]) await makeFile(path, 100_000, path);
    for (const name of ['a.bin', 'c.bin']) await makeFile(folder.join(`outside/${name}`), 50_000, 'secret');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using seeder = await startSeeder(tracker, folder.join('in'));
    await rm(a);
    await symlink(folder.join('outside/a.bin'), a);
    await rm(sub, { recursive: true });
    await symlink(folder.join('outside'), sub);
    await pollUntil('both are withdrawn', async () =>
      eventsOf(seeder.process).filter(({ event }) => event === 'withdrawn').length === 2 ? true : undefined,
    );
    // The file that changes last is offered anew last: the links had their turn before it.
    await makeFile(b, 200_000, 'b anew');
    expect(await untilEventOf(seeder.process, 'offered')).toMatchObject({ path: b });
    expect(await registeredNames(tracker)).not.toContain('c.bin');
  });

  test('sends no byte of a file that was written to since it was hashed', async () => {
    await using folder = await tempFolder();
    const path = folder.join('a.bin');
    const sha256 = await makeFile(path, 2_000_000, 'a');
    await makeFile(folder.join('other.bin'), 2_000_000, 'other');
    await using tracker = await createTracker({ host: '127.0.0.1' });
    await using seeder = await startSeeder(tracker, path);
    await copyFile(folder.join('other.bin'), path);
    await using _client = await shoal(['get', sha256, '--tracker', tracker.url, '-o', folder.join('got')]);
    await untilEventOf(seeder.process, 'withdrawn');
    seeder.process.kill('SIGTERM');
    await seeder.process.exitsWith(0);
    expect(eventsOf(seeder.process).at(-1)).toEqual({ event: 'stopped', uploaded: 0 });
  });
});
