import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { encode } from '../../src/bencode/index.ts';
import { makeFile, sha256Of, type TempFolder, tempFolder } from '../support/index.ts';
import {
  type RunningTracker,
  runShoal,
  type ShoalEvent,
  shoal,
  startSeeder,
  startTracker,
  untilEventOf,
} from './shoal.ts';

/** Makes a torrent of `path` that names no tracker. @returns what `shoal create` says of it */
async function createTorrent(
  folder: TempFolder,
  path: string,
  ...flags: readonly string[]
): Promise<ShoalEvent> {
  return runShoal(['create', folder.join(path), '-o', folder.join(`${path}.torrent`), ...flags]);
}

/** Seeds what {@link createTorrent} made a torrent of, by the environment's tracker. */
async function seedTorrent(folder: TempFolder, { url }: RunningTracker, path: string) {
  const args = ['seed', folder.join(`${path}.torrent`), '--data', folder.join(path), '--port', '0', '--json'];
  const spawned = await shoal(args, { env: { SHOAL_TRACKER_URL: url } });
  await untilEventOf(spawned, 'registered');
  return spawned;
}

describe('shoal get INFO-HASH', () => {
  test('gets a folder by each of the info-hashes of a hybrid torrent', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('photos/one.bin'), 40_000, 'one');
    const sha256 = await makeFile(folder.join('photos/two.bin'), 50_000, 'two');
    await using tracker = await startTracker();
    const { infoHashV1, infoHashV2 } = await createTorrent(folder, 'photos', '--hybrid');
    await using _seeder = await seedTorrent(folder, tracker, 'photos');
    const hashes = [infoHashV1, infoHashV2, String(infoHashV2).slice(0, 40)].map(String);
    for (const [index, hash] of hashes.entries()) {
      const output = folder.join(`got-${index}`);
      const done = await runShoal(['get', hash, '--tracker', tracker.url, '-o', output]);
      expect(done).toMatchObject({ event: 'done', name: 'photos', infoHash: infoHashV1 });
      expect(await sha256Of(`${output}/two.bin`)).toBe(sha256);
    }
  });

  test.each([40, 64])('ends with 3 when the tracker knows no torrent of those %d digits', async (digits) => {
    await using tracker = await startTracker();
    const failed = await runShoal(['get', '0'.repeat(digits), '--tracker', tracker.url], 3);
    expect(failed['message']).toContain('No seeder has ');
  });
});

describe('shoal get NAME', () => {
  test('gets the folder that was registered first, and names another one of that name', async () => {
    await using folder = await tempFolder();
    await using tracker = await startTracker();
    const seedOther = async (side: string) => {
      const sha256 = await makeFile(folder.join(`${side}/photos/a.bin`), 20_000, side);
      const { infoHashV1, contentId } = await createTorrent(folder, `${side}/photos`);
      return {
        sha256,
        infoHash: String(infoHashV1),
        id: String(contentId),
        seeder: await seedTorrent(folder, tracker, `${side}/photos`),
      };
    };
    const first = await seedOther('first');
    await using _first = first.seeder;
    const second = await seedOther('second');
    await using _second = second.seeder;
    const args = ['get', 'photos', '--tracker', tracker.url];
    await using asked = await shoal([...args, '-o', folder.join('got')]);
    await asked.exitsWith(0);
    const [warning, ...others] = asked.output.split('\n').filter((line) => line.includes('warn: '));
    expect(others).toEqual([]);
    expect(warning).toContain(
      `2 different files or folders fit "photos". The one that was registered first is chosen, ${first.id}; get another one by its id: ${second.id}`,
    );
    expect(await sha256Of(folder.join('got/a.bin'))).toBe(first.sha256);
    expect(await runShoal([...args, '-o', folder.join('again')])).toMatchObject({
      infoHash: first.infoHash,
      others: [{ name: 'photos', size: 20_000, infoHash: second.infoHash, seeders: 1 }],
    });
    await runShoal(['get', second.infoHash, '--tracker', tracker.url, '-o', folder.join('other')]);
    expect(await sha256Of(folder.join('other/a.bin'))).toBe(second.sha256);
  });

  test('gets it whatever a stranger registers by that name, before without metainfo and after', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 30_000, 'a');
    await using tracker = await startTracker();
    await registerVariants(tracker, 3, { from: 1, port: 1 });
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    await registerVariants(tracker, 3000, { from: 4, port: 2 });
    const done = await runShoal(['get', 'a.bin', '--tracker', tracker.url, '-o', folder.join('got.bin')]);
    expect(done).toMatchObject({ event: 'done', sha256 });
    expect(done['others']).toHaveLength(32);
  });
});

/** Registers torrents of other content called a.bin, whose metainfo nobody has. */
async function registerVariants(
  { url }: RunningTracker,
  count: number,
  { from, port }: { readonly from: number; readonly port: number },
): Promise<void> {
  const torrents = Array.from({ length: count }, (_, at) => {
    const digits = (from + at).toString(16);
    return {
      infoHash: digits.padStart(40, '0'),
      name: 'a.bin',
      size: 30_000,
      sha256: digits.padStart(64, '0'),
    };
  });
  const answer = await fetch(`${url}/api/v1/seeders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ port, peerId: '0'.repeat(40), torrents }),
  });
  expect(answer.status).toBe(201);
}

describe('shoal get ID', () => {
  test('gets a folder by its content id, its name and its info-hash, and tells two of one name apart by it', async () => {
    await using folder = await tempFolder();
    await using tracker = await startTracker();
    const ids: string[] = [];
    const seeders: AsyncDisposable[] = [];
    for (const side of ['first', 'second']) {
      await makeFile(folder.join(`${side}/photos/deep/a.bin`), 20_000, side);
      const made = await createTorrent(folder, `${side}/photos`);
      ids.push(String(made['contentId']));
      seeders.push(await seedTorrent(folder, tracker, `${side}/photos`));
    }
    const [first, second] = ids;
    const args = ['--tracker', tracker.url];
    for (const [at, id] of ids.entries()) {
      await runShoal(['get', id.toUpperCase(), ...args, '-o', folder.join(`by-id-${at}`)]);
      expect(await sha256Of(folder.join(`by-id-${at}/deep/a.bin`))).toBe(
        await sha256Of(folder.join(`${['first', 'second'][at]}/photos/deep/a.bin`)),
      );
    }
    const named = ['get', 'photos', ...args, '-o', folder.join('by-name')];
    expect(await runShoal(named)).toMatchObject({ others: [{ contentId: second, files: 1 }] });
    await runShoal(['get', 'photos', '--id', second!, ...args, '-o', folder.join('by-both')]);
    expect(await sha256Of(folder.join('by-both/deep/a.bin'))).toBe(
      await sha256Of(folder.join('second/photos/deep/a.bin')),
    );
    await using listed = await shoal(['ls', ...args]);
    await listed.exitsWith(0);
    for (const id of ids) {
      expect(listed.stdout.find((line) => line.includes(id))).toMatch(
        /^ *1 +19\.5 KiB +1 +[0-9a-f]{64} +photos$/,
      );
    }
    // A .torrent has to give the id before anything is downloaded.
    const torrent = ['get', folder.join('second/photos.torrent'), ...args, '-o', folder.join('none')];
    expect(await runShoal([...torrent, '--id', first!], 5)).toMatchObject({ code: 'MISMATCH' });
    expect(await runShoal([...torrent, '--id', 'abc'], 2)).toMatchObject({ code: 'USAGE' });
    expect(await runShoal(['get', first!, '--id', first!, ...args], 2)).toMatchObject({ code: 'USAGE' });
    for (const seeder of seeders) await seeder[Symbol.asyncDispose]();
  });
});

describe('shoal get FILE.torrent', () => {
  test('asks the tracker that the environment names for a torrent that names none', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 30_000, 'a');
    await createTorrent(folder, 'a.bin');
    await using tracker = await startTracker();
    await using _seeder = await seedTorrent(folder, tracker, 'a.bin');
    const args = ['get', folder.join('a.bin.torrent'), '-o', folder.join('got.bin')];
    await runShoal(args, 0, { env: { SHOAL_TRACKER_URL: tracker.url } });
    expect(await sha256Of(folder.join('got.bin'))).toBe(sha256);
  });

  test('ends with 7 and says so when nobody can be asked for it; shoal seed warns', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 30_000, 'a');
    await createTorrent(folder, 'a.bin');
    const torrent = folder.join('a.bin.torrent');
    const failed = await runShoal(['get', torrent, '-o', folder.join('got.bin')], 7);
    expect(failed['message']).toMatch(
      /the torrent names no tracker, and none is given, for example by --tracker$/,
    );
    await using seeder = await shoal(['seed', torrent, '--data', folder.join('a.bin'), '--port', '0']);
    await seeder.waitForLine(
      /warn: Could not announce a\.bin: The torrent names no tracker and none is given/,
    );
    await seeder.waitForLine(/^Seeding 1 torrent on /);
  });

  test('ends with 7 and names the trackers that it cannot ask; shoal show lists them', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a'), 1, 'a');
    const info = { length: 1, name: 'a', 'piece length': 16_384, pieces: new Uint8Array(20) };
    const torrent = folder.join('ftp.torrent');
    await writeFile(torrent, encode({ announce: 'ftp://t.example/announce', info }));
    const named = 'names only trackers that Shoal cannot ask (ftp://t.example/announce; ';
    const failed = await runShoal(['get', torrent, '-o', folder.join('got')], 7);
    expect(failed['message']).toContain(`Nobody can be asked for a: the torrent ${named}`);
    await using shown = await shoal(['show', torrent]);
    await shown.exitsWith(0);
    expect(shown.output).toContain('Other tracker ftp://t.example/announce');
  });

  test('ends with 6 when there is no such file, naming the path that was given', async () => {
    expect((await runShoal(['get', 'no/such.torrent'], 6))['message']).toBe(
      'Cannot read no/such.torrent: there is no such file or folder',
    );
  });
});

describe('--bind', () => {
  test('is the address that seed listens on', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1, 'a');
    await using tracker = await startTracker();
    const args = [
      'seed',
      folder.join('a.bin'),
      '--tracker',
      tracker.url,
      '--port',
      '0',
      '--bind',
      '127.0.0.1',
    ];
    await using seeder = await shoal([...args, '--json']);
    expect((await untilEventOf(seeder, 'listening'))['host']).toBe('127.0.0.1');
  });

  test.each(['seed', 'get', 'tracker'])(
    'of %s ends with 7 for an address of another machine',
    async (command) => {
      await using folder = await tempFolder();
      const path = folder.join('a.bin');
      await makeFile(path, 1, 'a');
      const args = command === 'tracker' ? ['tracker'] : [command, path];
      // An address for documentation, which no machine has.
      const failed = await runShoal([...args, '--bind', '192.0.2.1', '--port', '0'], 7);
      expect(failed['message']).toMatch(/^Cannot listen on 192\.0\.2\.1.*: this machine has no such address/);
    },
  );

  test('takes no host name', async () => {
    const failed = await runShoal(['seed', 'a', '--bind', 'localhost'], 2);
    expect(failed['message']).toBe('--bind: seeder.bind must be an IPv4 or IPv6 address; found "localhost"');
  });
});
