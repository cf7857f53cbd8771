import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { makeFile, pollUntil, tempFolder } from '../support/index.ts';
import { eventsOf, runShoal, shoal, startSeeder, startTracker, untilEventOf } from './shoal.ts';

describe('shoal get --then', () => {
  test('runs the command after the delivery, with stdout on stderr, and again when it was there already', async () => {
    await using folder = await tempFolder();
    const sha256 = await makeFile(folder.join('a.bin'), 100_000, 'then');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    const command = 'echo "$SHOAL_ID" "$SHOAL_SIZE"; wc -c < "$SHOAL_PATH" > counted; echo >> runs';
    const args = ['get', 'a.bin', '--tracker', tracker.url, '-o', 'got.bin', '--then', command, '--json'];
    for (const wasThere of [false, true]) {
      await using got = await shoal(args, { cwd: folder.path });
      await got.exitsWith(0);
      const told = eventsOf(got).filter(({ event }) => event !== 'progress');
      expect(told).toMatchObject([
        { event: 'done', wasThere },
        { event: 'then', exitCode: 0, signal: null },
      ]);
      expect(got.output).toContain(`${sha256} 100000`);
    }
    expect(await readFile(folder.join('counted'), 'utf8')).toMatch(/^\s*100000\n$/);
    expect(await readFile(folder.join('runs'), 'utf8')).toBe('\n\n');
  });

  test('ends with 8 when the command fails, and does not run it when get fails', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'then');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    const flags = ['--tracker', tracker.url, '--then', 'echo >> runs; exit 5'];
    const failed = await runShoal(['get', 'a.bin', '-o', 'got.bin', ...flags], 8, { cwd: folder.path });
    expect(failed).toMatchObject({
      code: 'COMMAND_FAILED',
      message: expect.stringMatching(/with exit code 5/),
    });
    await runShoal(['get', 'nothing.bin', ...flags], 3, { cwd: folder.path });
    expect(await readFile(folder.join('runs'), 'utf8')).toBe('\n');
    await runShoal(['get', 'a.bin', '--then', ' '], 2);
  });

  test('passes Ctrl-C on to the command, and ends with 130', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'then');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    const command = "trap 'echo caught > caught; exit 1' INT; echo > started; while :; do sleep 0.1; done";
    const args = ['get', 'a.bin', '--tracker', tracker.url, '-o', 'got.bin', '--then', command, '--json'];
    await using got = await shoal(args, { cwd: folder.path });
    await untilEventOf(got, 'done');
    await pollUntil('the command runs', async () => readFile(folder.join('started')).catch(() => undefined));
    got.kill('SIGINT');
    await got.exitsWith(130);
    expect(await readFile(folder.join('caught'), 'utf8')).toBe('caught\n');
  });

  test('runs beside the seeding, and ends with 8 after it', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a.bin'), 100_000, 'then');
    await using tracker = await startTracker();
    await using _seeder = await startSeeder(tracker, folder.join('a.bin'));
    const flags = ['--seed-for', '1h', '--then', 'exit 5', '--json'];
    const args = ['get', 'a.bin', '--tracker', tracker.url, '-o', 'got.bin', ...flags];
    await using got = await shoal(args, { cwd: folder.path });
    await untilEventOf(got, 'then');
    got.kill('SIGINT');
    await got.exitsWith(8);
    const told = eventsOf(got).map(({ event }) => event);
    expect(told.filter((event) => event !== 'progress')).toEqual([
      'done',
      'seeding',
      'then',
      'stopped',
      'failed',
    ]);
  });
});
