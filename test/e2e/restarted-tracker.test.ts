import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createTracker } from '../../src/tracker/index.ts';
import { type AnnounceResponse, decodeAnnounceResponse } from '../../src/tracker-protocol/index.ts';
import { makeFile, pollUntil, requirePeers, smallDisk, tempFolder } from '../support/index.ts';
import { type RunningSeeder, type RunningTracker, runShoal, startSeeder, startTracker } from './shoal.ts';

const MIB = 1024 * 1024;

interface Seeders {
  readonly total: number;
  readonly seeders: readonly { readonly id: string; readonly seenAt: string }[];
}

async function seedersAt({ url }: Pick<RunningTracker, 'url'>): Promise<Seeders> {
  return (await (await fetch(`${url}/api/v1/seeders`)).json()) as Seeders;
}

interface Torrents {
  readonly torrents: readonly { readonly infoHash: string }[];
}

/** Announces a downloader at a port. @returns the ports of the peers that it is given */
async function peersOf(
  { url }: Pick<RunningTracker, 'url'>,
  infoHash: string,
  port: number,
): Promise<number[]> {
  const hash = infoHash.replaceAll(/../g, '%$&');
  const query = `info_hash=${hash}&peer_id=-XX0001-00000000${port}&port=${port}&left=1&compact=1`;
  const answer = Buffer.from(await (await fetch(`${url}/announce?${query}`)).arrayBuffer());
  const { peers } = decodeAnnounceResponse(answer) as AnnounceResponse;
  return peers.map((peer) => peer.port);
}

async function kill({ process }: RunningTracker | RunningSeeder): Promise<void> {
  const ended = once(process.ended, 'abort');
  process.kill('SIGKILL');
  await ended;
}

describe('shoal tracker --state-dir', () => {
  test('is killed and starts again, and knows its seeders, which renew, until they are gone', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'a');
    // The seeder renews every 4 seconds and is not forgotten, however slowly the trackers start.
    await writeFile(
      folder.join('patient.properties'),
      'tracker.announceInterval=4s\ntracker.seederExpiry=1m\n',
    );
    await writeFile(folder.join('strict.properties'), 'tracker.seederExpiry=10s\n');
    const withSettings = (name: string) => [
      '--state-dir',
      folder.join('state'),
      '--config',
      folder.join(name),
    ];
    const args = withSettings('patient.properties');
    await using killed = await startTracker({ args });
    await using seeder = await startSeeder(killed, folder.join('a.bin'));
    const { seeders } = await seedersAt(killed);
    await kill(killed);

    await using tracker = await startTracker({ args, port: new URL(killed.url).port });
    const restored = await seedersAt(tracker);
    expect(restored.seeders.map(({ id }) => id)).toEqual(seeders.map(({ id }) => id));
    await runShoal(['get', 'a.bin', '--tracker', tracker.url, '-o', folder.join('got.bin')]);
    await pollUntil('the seeder renews', async () =>
      (await seedersAt(tracker)).seeders[0]!.seenAt > restored.seeders[0]!.seenAt ? true : undefined,
    );
    expect((await seedersAt(tracker)).seeders).toMatchObject([{ id: seeders[0]!.id }]);

    await kill(seeder);
    await kill(tracker);
    await using last = await startTracker({ args: withSettings('strict.properties') });
    expect(await seedersAt(last)).toMatchObject({ total: 1 });
    await pollUntil('the seeder is forgotten', async () =>
      (await seedersAt(last)).total === 0 ? true : undefined,
    );
  });

  test('is killed soon after its start, and starts again with its peers and its seeders in their swarms', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'a');
    const snapshot = folder.join('state', 'swarms.snapshot');
    const args = ['--state-dir', folder.join('state')];
    await using first = await startTracker({ args });
    const port = new URL(first.url).port;
    await using seeder = await startSeeder(first, folder.join('a.bin'));
    const { torrents } = (await (await fetch(`${first.url}/api/v1/torrents`)).json()) as Torrents;
    const { infoHash } = torrents[0]!;
    expect(await peersOf(first, infoHash, 4000)).toEqual([seeder.port]);
    // The first snapshot may be of the seeder alone.
    const peer = Buffer.of(127, 0, 0, 1, 4000 >> 8, 4000 & 255);
    const isSaved = async () => existsSync(snapshot) && (await readFile(snapshot)).includes(peer);
    await pollUntil('that peer is saved', async () => (await isSaved()) || undefined);
    await kill(first);

    await using second = await startTracker({ args, port });
    expect(new Set(await peersOf(second, infoHash, 4001))).toEqual(new Set([4000, seeder.port]));
    await runShoal(['get', 'a.bin', '--tracker', second.url, '-o', folder.join('got.bin')]);
    await kill(second);

    // As if it was killed before the first snapshot.
    await rm(snapshot);
    await using third = await startTracker({ args, port });
    expect(await peersOf(third, infoHash, 4002)).toEqual([seeder.port]);
    await runShoal(['get', 'a.bin', '--tracker', third.url, '-o', folder.join('again.bin')]);
    expect(await seedersAt(third)).toMatchObject({ total: 1 });
  });

  test('ends with 6 when another tracker uses the folder, which goes on', async () => {
    await using folder = await tempFolder();
    const args = ['--state-dir', folder.join('state')];
    await using tracker = await startTracker({ args });
    const failure = await runShoal(['tracker', '--host', '127.0.0.1', '--port', '0', ...args], 6);
    expect(failure).toMatchObject({ event: 'failed', code: 'STATE_IN_USE' });
    expect(await seedersAt(tracker)).toMatchObject({ total: 0 });
  });
});

/** A seeder at a port of its own, with a hundred torrents. */
function registration(port: number): RequestInit {
  const torrents = Array.from({ length: 100 }, (_, at) => ({
    infoHash: String(port * 1000 + at).padStart(40, '0'),
    name: `${'long '.repeat(40)}${at}`,
    size: 1,
  }));
  const body = JSON.stringify({ port, peerId: 'ab'.repeat(20), torrents });
  return { method: 'POST', body, headers: { 'content-type': 'application/json' } };
}

describe('a tracker whose disk is full', () => {
  test('says so, works on, and saves everything when there is room again', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(6 * MIB);
    const filler = disk.join('filler');
    await writeFile(filler, Buffer.alloc(3 * MIB));
    const reported: string[] = [];
    const options = {
      host: '127.0.0.1',
      stateDir: disk.join('state'),
      onError: (error: Error, context: string) => reported.push(`${context}: ${error.message}`),
    };
    let seeders = 0;
    {
      await using tracker = await createTracker(options);
      while (!reported.some((what) => what.startsWith('save the catalog'))) {
        seeders += 1;
        const answer = await fetch(`${tracker.url}/api/v1/seeders`, registration(seeders));
        expect(answer.status).toBe(201);
      }
      expect(reported).toContainEqual(
        expect.stringMatching(/^save the catalog, and will try again .*ENOSPC/),
      );
      seeders += 1;
      expect((await fetch(`${tracker.url}/api/v1/seeders`, registration(seeders))).status).toBe(201);
      expect(await seedersAt(tracker)).toMatchObject({ total: seeders });
      await rm(filler);
    }
    await using tracker = await createTracker(options);
    expect(await seedersAt(tracker)).toMatchObject({ total: seeders });
    expect(reported.filter((what) => what.startsWith('save the catalog'))).toHaveLength(1);
  });

  test('does not start without room for its state, nor where nothing can be written', async (context) => {
    requirePeers(context, 'tmpfs');
    await using disk = await smallDisk(16 * 1024);
    const stateDir = disk.join('state');
    const start = createTracker({ host: '127.0.0.1', stateDir });
    await expect(start).rejects.toMatchObject({ code: 'CANNOT_KEEP_STATE', message: /ENOSPC/ });
    await disk.makeReadOnly();
    const again = createTracker({ host: '127.0.0.1', stateDir });
    await expect(again).rejects.toMatchObject({ code: 'CANNOT_KEEP_STATE', message: /EROFS/ });
  });
});
