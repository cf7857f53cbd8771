import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from './output.ts';
import type { CommandProgress } from './progress.ts';
import { createProgressDisplay } from './progress-display.ts';

const STEPS: readonly CommandProgress[] = [
  { phase: 'looking-up', done: 0, total: 0 },
  { phase: 'downloading', name: 'a.txt', done: 0, total: 4096, downloadRate: 0, peers: 1 },
  { phase: 'downloading', name: 'a.txt', done: 2048, total: 4096, downloadRate: 2048, peers: 1 },
  { phase: 'verifying', name: 'a.txt', done: 0, total: 4096 },
  { phase: 'verifying', name: 'a.txt', done: 4096, total: 4096 },
];

/** Shows all steps at once. @returns the text on stdout and stderr after them */
async function shown({ isJson = false, isQuiet = false, isTTY = false, env = {} }) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY, columns: 120 });
  const display = await createProgressDisplay(new Output(stdout, { isJson, isQuiet }), stderr, env);
  for (const step of STEPS) display.update(step);
  display.stop();
  const read = (stream: PassThrough) => (stream.read() as string | null) ?? '';
  return { stdout: read(stdout), stderr: read(stderr) };
}

describe('createProgressDisplay()', () => {
  const LINES = [
    'Looking up\n',
    'Downloading a.txt: 0%  0 B of 4.0 KiB, 0 B/s, 1 peer\n',
    'Downloading a.txt: 50%  2.0 KiB of 4.0 KiB, 2.0 KiB/s, 1.0s left, 1 peer\n',
    'Verifying a.txt: 0%  0 B of 4.0 KiB\n',
    'Verifying a.txt: 100%  4.0 KiB of 4.0 KiB\n',
  ].join('');

  test('shows a line at the start and the end of each phase where there is no terminal', async () => {
    expect(await shown({})).toEqual({ stdout: '', stderr: LINES });
  });

  test.each([{ TERM: 'dumb' }, { NO_COLOR: '1' }, { CI: 'true' }])(
    'shows lines without escapes on a terminal with %j',
    async (env) => {
      expect(await shown({ isTTY: true, env })).toEqual({ stdout: '', stderr: LINES });
    },
  );

  test('shows a bar on a terminal, and erases it at the end', async () => {
    const { stdout, stderr } = await shown({ isTTY: true });
    expect(stdout).toBe('');
    expect(stderr).toMatch(/Looking up.*█ 100% {2}4\.0 KiB of 4\.0 KiB {2}Verifying a\.txt/s);
    expect(stderr.endsWith('\u001b[1G\u001b[2K')).toBe(true);
  });

  test('writes events for programs, to stdout', async () => {
    const { stdout, stderr } = await shown({ isJson: true, isTTY: true });
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toEqual(STEPS.map((step) => ({ event: 'progress', ...step })));
    expect(stderr).toBe('');
  });

  test('shows a line for each reason of a wait, once, where there is no terminal', async () => {
    const stderr = new PassThrough({ encoding: 'utf8' });
    const output = new Output(new PassThrough(), { isJson: false, isQuiet: false });
    const display = await createProgressDisplay(output, stderr, {});
    const wait = { phase: 'waiting', done: 0, total: 0, since: '2026-11-30T21:00:00Z' } as const;
    for (const waitingFor of ['no tracker', 'no tracker', 'no seeder', 'no seeder']) {
      display.update({ ...wait, waitingFor });
    }
    display.stop();
    expect(stderr.read()).toBe(
      'Waiting for a seeder since 2026-11-30T21:00:00Z: no tracker\nWaiting for a seeder since 2026-11-30T21:00:00Z: no seeder\n',
    );
  });

  test('shows nothing with --quiet', async () => {
    expect(await shown({ isQuiet: true, isTTY: true })).toEqual({ stdout: '', stderr: '' });
    expect(await shown({ isQuiet: true, isJson: true })).toEqual({ stdout: '', stderr: '' });
  });
});
