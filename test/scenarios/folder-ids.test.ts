import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type GetError, get } from '../../src/client/index.ts';
import { folderListing, parseMetainfo } from '../../src/metainfo/index.ts';
import { createSeeder, type Seeder } from '../../src/seeder/index.ts';
import type { DetailedTorrent, ListedTorrent, TorrentList } from '../../src/tracker-protocol/index.ts';
import { LocalServers, type TempFolder, tempFolder } from '../support/index.ts';
import { registration, TestApi } from '../support/tracker/test-api.ts';
import { type TestFolder, testFolder, withMetainfo } from '../support/tracker/torrents.ts';

const FILES = { 'a.txt': 'the first file', 'sub/b.txt': 'the second file' };
const folder = testFolder('build', FILES);
const other = testFolder('build', { 'a.txt': 'the first file', 'sub/b.txt': 'something bad' });

/** Seeds a folder whose torrent is {@link folder}. */
async function seedFolder(at: TempFolder, tracker: string): Promise<Seeder> {
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(at.join('seeded/build', path)), { recursive: true });
    await writeFile(at.join('seeded/build', path), text);
  }
  const torrents = [{ torrent: folder.metainfo, data: at.join('seeded/build') }];
  const seeder = await createSeeder({ tracker, torrents, onWarning: () => {} });
  await seeder.registered;
  return seeder;
}

const urlOf = ({ tracker }: TestApi): string => tracker.tracker.url;

function failureOf(work: Promise<unknown>): Promise<GetError> {
  return work.then(
    () => expect.fail('should have thrown'),
    (thrown: GetError) => thrown,
  );
}

/** A tracker that lies: it says that a torrent of another folder is the wanted one. */
async function startLiar(servers: LocalServers, contentId: string, given: TestFolder): Promise<string> {
  const { infoHash, name, size } = given.registered;
  const listed: ListedTorrent = { infoHash, name, size, contentId, files: 2, seeders: 1 };
  const list: TorrentList = { torrents: [listed], total: 1 };
  const details: DetailedTorrent = { ...listed, heldBy: [] };
  return servers.serve((request, response) => {
    if (request.url!.endsWith('.torrent')) response.end(given.metainfo);
    else response.end(JSON.stringify(request.url!.includes(infoHash) ? details : list));
  });
}

describe('get() of a folder by its content id', () => {
  test('finds a folder of which the seeder did not tell the id, and delivers it', async () => {
    await using at = await tempFolder();
    await using api = await TestApi.start();
    await using _seeder = await seedFolder(at, urlOf(api));
    const { contentId: id } = folder;
    expect(await api.get(`/api/v1/torrents?id=${id}`)).toMatchObject({
      torrents: [{ contentId: id, files: 2 }],
    });
    const output = at.join('got');
    await get({ tracker: urlOf(api), id, output, onWarning: () => {} });
    expect(await readFile(`${output}/sub/b.txt`, 'utf8')).toBe(FILES['sub/b.txt']);
  });

  test('refuses a torrent that does not give the id, whatever the tracker says, and tries the next tracker', async () => {
    await using at = await tempFolder();
    await using api = await TestApi.start();
    const servers = new LocalServers();
    const { contentId: id } = folder;
    for (const given of [other, testFolder('build', FILES, false)]) {
      const liar = await startLiar(servers, id, given);
      const output = at.join('none');
      const warnings: Error[] = [];
      const onWarning = (error: Error) => warnings.push(error);
      const failed = await failureOf(get({ tracker: liar, id, output, onWarning }));
      expect(failed).toMatchObject({ code: 'NOT_FOUND' });
      expect(warnings).toMatchObject([{ code: 'BAD_TORRENT' }]);
      // By its name, the word of the tracker for the id has to be true as well.
      await expect(get({ tracker: liar, name: 'build', output, onWarning })).rejects.toThrow('could be used');
      await expect(stat(output)).rejects.toThrow();
      await expect(stat(`${output}.part`)).rejects.toThrow();
      await using _seeder = await seedFolder(at, urlOf(api));
      await get({ tracker: [liar, urlOf(api)], id, output: at.join(`got-${given.contentId}`), onWarning });
    }
    await servers.close();
  });

  test('refuses the listing of the folder, which is a file with that SHA-256, and gets the folder', async () => {
    await using at = await tempFolder();
    await using api = await TestApi.start();
    const url = urlOf(api);
    const { contentId: id } = folder;
    const entries = await Promise.all(
      parseMetainfo(folder.metainfo).files.map(async ({ path, sha256 }) => ({
        kind: 'file' as const,
        path,
        sha256: Buffer.from(sha256!).toString('hex'),
      })),
    );
    await mkdir(at.join('enemy'));
    await writeFile(at.join('enemy/build'), folderListing(entries));
    await using _enemy = await createSeeder({
      tracker: url,
      paths: [at.join('enemy/build')],
      onWarning: () => {},
    });
    await _enemy.registered;
    expect(await api.get(`/api/v1/torrents?sha256=${id}`)).toMatchObject({ total: 1 });
    const output = at.join('got');
    const options = { tracker: url, id, output, onWarning: () => {} };
    expect(await failureOf(get(options))).toMatchObject({
      code: 'MISMATCH',
      message: expect.stringContaining('is the listing of a folder, not the folder'),
    });
    await expect(stat(output)).rejects.toThrow();
    // A listing that is there already is not taken for the folder either.
    await writeFile(at.join('there'), folderListing(entries));
    expect(await failureOf(get({ ...options, output: at.join('there') }))).toMatchObject({
      code: 'MISMATCH',
    });
    // As a file, by its SHA-256, it can be had.
    await get({ tracker: url, sha256: id, output: at.join('listing') });
    await using _seeder = await seedFolder(at, url);
    await get(options);
    expect(await readFile(`${output}/a.txt`, 'utf8')).toBe(FILES['a.txt']);
  });

  test('refuses a .torrent that does not give it', async () => {
    const { contentId: id } = folder;
    for (const { metainfo } of [other, testFolder('build', FILES, false)]) {
      const failed = await failureOf(get({ torrent: metainfo, id }));
      expect(failed).toMatchObject({
        code: 'MISMATCH',
        message: expect.stringContaining('build is not the wanted one'),
      });
    }
  });
});

describe('the registry', () => {
  test('takes what a metainfo says of a folder for what is true, not what a seeder claims', async () => {
    await using api = await TestApi.start();
    const { contentId } = folder;
    const post = (port: number, torrent: object) =>
      api.call('POST', '/api/v1/seeders', { ...registration(port), torrents: [torrent] });
    const full = withMetainfo(folder);
    for (const [claim, field] of [
      [{ contentId: other.contentId }, 'contentId'],
      [{ files: 3 }, 'files'],
      [{ sha256: contentId }, 'sha256'],
    ] as const) {
      const refused = await post(1, { ...full, ...claim });
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ errors: [{ field: `torrents.0.${field}` }] });
    }
    // Without the metainfo it is a claim, which is dropped once another seeder brings the metainfo.
    expect((await post(1, { ...folder.registered, contentId: other.contentId, files: 99 })).status).toBe(201);
    expect((await post(2, { ...folder.registered, sha256: contentId })).status).toBe(201);
    expect(await api.get(`/api/v1/torrents?id=${other.contentId}`)).toMatchObject({ total: 1 });
    expect((await post(3, full)).status).toBe(201);
    expect((await post(4, { ...folder.registered, contentId: other.contentId })).status).toBe(201);
    expect(await api.get(`/api/v1/torrents?id=${other.contentId}`)).toMatchObject({ total: 0 });
    expect(await api.get('/api/v1/torrents')).toEqual({
      torrents: [{ ...folder.registered, contentId, files: 2, seeders: 4 }],
      total: 1,
    });
  });

  test('finds the id of a folder whose metainfo is uploaded, also one with very many files', async () => {
    await using api = await TestApi.start();
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, at) => [`folder-${at % 7}/${at}`, `${at}`]),
    );
    const large = testFolder('large', files);
    const { contentId } = large;
    expect(large.metainfo.length).toBeGreaterThan(128 * 1024);
    const response = await api.call('POST', '/api/v1/seeders', registration(1, [large.registered]));
    const { token } = (await response.json()) as { token: string };
    expect((await api.upload(large, large.metainfo, token)).status).toBe(204);
    expect(await api.get(`/api/v1/torrents?id=${contentId}`)).toMatchObject({
      torrents: [{ name: 'large', contentId, files: 3000 }],
    });
  });
});
