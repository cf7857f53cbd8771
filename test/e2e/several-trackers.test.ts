import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { freePort, makeFile, sha256Of, tempFolder } from '../support/index.ts';
import {
  eventsOf,
  type RunningTracker,
  runShoal,
  shoal,
  startSeeder,
  startTracker,
  untilEventOf,
} from './shoal.ts';

/** Starts a tracker that nobody may use without a token. */
async function startPrivateTracker(tokens: string): Promise<RunningTracker> {
  const config = `${tokens}.properties`;
  await writeFile(config, 'tracker.private=true\n');
  return startTracker({ args: ['--tokens', tokens, '--config', config] });
}

async function createToken(tokens: string): Promise<string> {
  const flags = ['--tokens', tokens, '--scope', 'announce,register'];
  return String((await runShoal(['token', 'create', ...flags]))['token']);
}

/** Makes the flags that name trackers, one flag for each. */
function trackersAt(...urls: readonly string[]): string[] {
  return urls.flatMap((url) => ['--tracker', url]);
}

describe('shoal seed with several trackers', () => {
  test('is registered with all of them, says with which, and comes back to one that was started anew', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'a');
    const [first, again] = [await startTracker(), await freePort()];
    await using _first = first;
    const dead = `http://127.0.0.1:${again}`;
    const args = ['seed', folder.join('a.bin'), '--port', '0', '--json'];
    await using seeder = await shoal([...args, ...trackersAt(dead, first.url, `${first.url}/announce`)]);
    expect(await untilEventOf(seeder, 'registered')).toMatchObject({ tracker: first.url, torrents: 1 });
    // The one that was away at the start is registered with when it comes.
    await using second = await startTracker({ port: String(again) });
    await seeder.waitForLine(new RegExp(`"event":"registered","tracker":"${second.url}"`));
    for (const { url } of [first, second]) {
      const output = folder.join(`got-${new URL(url).port}`);
      await runShoal(['get', sha256, '--tracker', url, '-o', output]);
      expect(await sha256Of(output)).toBe(sha256);
    }
    const registered = eventsOf(seeder).filter(({ event }) => event === 'registered');
    expect(new Set(registered.map(({ tracker }) => tracker))).toEqual(new Set([first.url, second.url]));
  });

  test('goes on when one refuses it, and ends with 7 when all do', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'a');
    const tokens = folder.join('tokens');
    await createToken(tokens);
    await using refusing = await startPrivateTracker(tokens);
    await using other = await startPrivateTracker(tokens);
    await using open = await startTracker();
    const args = ['seed', folder.join('a.bin'), '--port', '0', '--json'];
    await using seeder = await shoal([...args, ...trackersAt(refusing.url, open.url)]);
    expect(await untilEventOf(seeder, 'registered')).toMatchObject({ tracker: open.url });
    await seeder.waitForLine(new RegExp(refusing.url));
    await using refused = await shoal([...args, ...trackersAt(refusing.url, other.url)]);
    await refused.exitsWith(7);
    for (const { url } of [refusing, other]) expect(refused.output).toContain(url);
  });

  test('shows each tracker only its own token', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'a');
    const tokens = [folder.join('tokens-1'), folder.join('tokens-2')];
    const urls: string[] = [];
    await using first = await startPrivateTracker(tokens[0]!);
    await using second = await startPrivateTracker(tokens[1]!);
    for (const [at, { url }] of [first, second].entries())
      urls.push(`${url}/${await createToken(tokens[at]!)}`);
    const seeding = ['seed', folder.join('a.bin'), '--port', '0', '--json'];
    await using seeder = await shoal([...seeding, ...trackersAt(...urls)]);
    for (const { url } of [first, second]) {
      await seeder.waitForLine(new RegExp(`"event":"registered","tracker":"${url}/shoal_[0-9a-f]{8}_…"`));
    }
    const got = await runShoal(['get', sha256, ...trackersAt(...urls), '-o', folder.join('got')]);
    expect(got).toMatchObject({ sha256, sources: 1 });
    const both = [...seeding, ...trackersAt(first.url, second.url)];
    const failed = await runShoal([...both, '--token', urls[0]!.split('/').at(-1)!], 2);
    expect(failed).toMatchObject({ code: 'USAGE', message: expect.stringContaining('2 trackers are given') });
    for (const url of urls) expect(seeder.output).not.toContain(url.split('/').at(-1)!);
  });
});

describe('shoal get with several trackers', () => {
  test('goes on with the next when one is away or has nothing, and names each with its result at the end', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'a');
    const dead = `http://127.0.0.1:${await freePort()}`;
    await using empty = await startTracker();
    await using full = await startTracker();
    await using _seeder = await startSeeder(full, folder.join('a.bin'));
    const env = { SHOAL_TRACKER_URL: `${dead}, ${empty.url} ${full.url}` };
    for (const target of [sha256, 'a.bin']) {
      const args = ['get', target, '-o', folder.join(`got-${target}`)];
      expect(await runShoal(args, 0, { env })).toMatchObject({ sha256, wasThere: false });
    }
    const nobody = ['get', '0'.repeat(64), '-o', folder.join('none')];
    const failed = await runShoal([...nobody, ...trackersAt(dead, empty.url)], 3);
    expect(failed).toMatchObject({ code: 'NOT_FOUND' });
    for (const url of [dead, empty.url]) expect(failed['message']).toContain(url);
    const unreachable = await runShoal([...nobody, ...trackersAt(dead, `${dead}0`.slice(0, -1))], 7);
    expect(unreachable).toMatchObject({ code: 'UNREACHABLE' });
  });
});

describe('shoal ls with several trackers', () => {
  test('lists each that answers, warns of the others, and ends with 7 when none does', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'a');
    const dead = `http://127.0.0.1:${await freePort()}`;
    await using first = await startTracker();
    await using second = await startTracker();
    await using seeder = await startSeeder(second, folder.join('a.bin'));
    const all = trackersAt(dead, first.url, second.url);
    await using listed = await shoal(['ls', '--json', ...all]);
    await listed.exitsWith(0);
    expect(listed.stdout.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { tracker: first.url, totalTorrents: 0 },
      { tracker: second.url, torrents: [{ name: 'a.bin', sha256 }] },
    ]);
    expect(listed.output).toContain(dead);
    await using text = await shoal(['ls', ...all]);
    await text.exitsWith(0);
    expect(text.stdout).toContain(`Tracker ${first.url}`);
    expect(text.stdout.find((line) => line.includes(sha256))).toMatch(
      /^ *1 +97\.7 KiB +1 +[0-9a-f]{64} +a\.bin$/,
    );
    await runShoal(['ls', ...trackersAt(dead)], 7);
    const ended = once(seeder.process.ended, 'abort');
    seeder.process.kill('SIGTERM');
    await ended;
  });
});
