import { describe, expect, test } from 'vitest';
import { createTracker } from '../../src/tracker/index.ts';
import { makeFile, pollUntil, sha256Of, tempFolder } from '../support/index.ts';
import { type RunningTracker, runShoal, shoal, startSeeder, startTracker } from './shoal.ts';

async function seedersAt({ url }: Pick<RunningTracker, 'url'>) {
  const answer = await fetch(`${url}/api/v1/seeders`);
  return (await answer.json()) as { readonly total: number; readonly seeders: readonly { port: number }[] };
}

describe('shoal seed', () => {
  test('is on the list at both ports of the tracker until it is asked to stop', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('in/a.bin'), 1000, 'a');
    await makeFile(folder.join('in/below/b.bin'), 0, 'b');
    await makeFile(folder.join('in/.hidden'), 1000, 'hidden');
    await using tracker = await startTracker();
    await using seeder = await startSeeder(tracker, folder.join('in'));
    for (const url of [tracker.url, tracker.webUrl]) {
      expect(await seedersAt({ url })).toMatchObject({
        total: 1,
        seeders: [{ port: seeder.port, torrents: 2 }],
      });
    }
    seeder.process.kill('SIGTERM');
    await seeder.process.exitsWith(0);
    expect(await seedersAt(tracker)).toEqual({ seeders: [], total: 0 });
  });

  test('is forgotten when it is killed and renews no more', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    await using tracker = await createTracker({ host: '127.0.0.1', seederExpiry: 3 });
    await using seeder = await startSeeder(tracker, folder.join('a.bin'));
    expect(await seedersAt(tracker)).toMatchObject({ total: 1 });
    seeder.process.kill('SIGKILL');
    await pollUntil('the seeder is forgotten', async () =>
      (await seedersAt(tracker)).total === 0 ? true : undefined,
    );
  });

  test('offers a torrent made elsewhere, announced to its own tracker, and shoal get finds it there', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('photos/one.bin'), 100_000, 'one');
    const sha256 = await makeFile(folder.join('photos/below/two.bin'), 50_000, 'two');
    await using tracker = await startTracker();
    const torrent = folder.join('photos.torrent');
    await runShoal(['create', folder.join('photos'), '-o', torrent, '--tracker', `${tracker.url}/announce`]);
    await using seeder = await shoal(['seed', torrent, '--data', folder.path, '--port', '0']);
    await seeder.waitForLine(/^Seeding 1 torrent on /);
    const done = await runShoal(['get', torrent, '-o', folder.join('got')]);
    expect(done).toMatchObject({ event: 'done', name: 'photos', size: 150_000 });
    expect(await sha256Of(folder.join('got/below/two.bin'))).toBe(sha256);
    expect(await seedersAt(tracker)).toMatchObject({ total: 0 });
  });

  test('ends at once when it is asked a second time', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 1000, 'a');
    await using tracker = await startTracker();
    await using seeder = await startSeeder(tracker, folder.join('a.bin'));
    // It asks to leave a tracker that does not answer.
    tracker.process.kill('SIGSTOP');
    seeder.process.kill('SIGINT');
    seeder.process.kill('SIGTERM');
    await seeder.process.exitsWith(130);
    tracker.process.kill('SIGCONT');
  });
});

describe('shoal ls', () => {
  test('lists seeders and torrents, as tables and as JSON', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 2048, 'a');
    await using tracker = await startTracker();
    await using seeder = await startSeeder(tracker, folder.join('a.bin'));

    await using table = await shoal(['ls', '--tracker', tracker.url]);
    await table.exitsWith(0);
    const [first, head, row] = table.stdout;
    expect(first).toBe('1 seeder');
    expect(head).toMatch(/^SEEDER +TORRENTS +SEEN$/);
    expect(row).toMatch(new RegExp(`^127\\.0\\.0\\.1:${seeder.port} +1 +[\\d.]+s ago$`));
    expect(table.stdout.at(-1)).toBe(`      1  2.0 KiB      1  ${sha256}  a.bin`);

    await using json = await shoal(['ls', '--tracker', tracker.url, '--json', '--quiet']);
    await json.exitsWith(0);
    expect(json.stdout).toHaveLength(1);
    expect(JSON.parse(json.stdout[0]!)).toMatchObject({
      tracker: tracker.url,
      totalSeeders: 1,
      seeders: [{ host: '127.0.0.1', port: seeder.port, torrents: 1 }],
      totalTorrents: 1,
      torrents: [{ name: 'a.bin', size: 2048, sha256, seeders: 1 }],
    });
  });
});
