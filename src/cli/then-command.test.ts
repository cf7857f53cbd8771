import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TempFolder, tempFolder } from '../../test/support/index.ts';
import type { GetResult } from '../client/index.ts';
import { CommandFailedError, InterruptedError } from './errors.ts';
import { runThen, type ThenOptions, type ThenResult } from './then-command.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const RESULT: GetResult = {
  path: 'got/file',
  name: 'file',
  size: 12,
  sha256: 'ab'.repeat(32),
  infoHash: 'cd'.repeat(20),
  wasThere: false,
  downloaded: 34,
  uploaded: 0,
  sources: 1,
  seconds: 1.5,
  reused: 0,
};

function run(
  command: string,
  result: Partial<GetResult> = {},
  signal = new AbortController().signal,
): Promise<ThenResult> {
  return runThen({ command, result: { ...RESULT, ...result }, isJson: true, signal });
}

/** Prints variables into a file. @returns the value of each */
async function printed(
  names: readonly string[],
  result: Partial<ThenOptions['result']> = {},
): Promise<string[]> {
  const file = folder.join('printed');
  await run(`printf '%s\\0' ${names.map((name) => `"$${name}"`).join(' ')} > ${file}`, result);
  return (await readFile(file, 'utf8')).split('\0').slice(0, -1);
}

describe('runThen()', () => {
  test('tells the command what was delivered, by its environment', async () => {
    const names = ['PATH', 'ID', 'INFO_HASH', 'NAME', 'SIZE', 'SECONDS', 'DOWNLOADED'].map(
      (name) => `SHOAL_${name}`,
    );
    expect(await printed(names)).toEqual([
      join(process.cwd(), 'got/file'),
      'ab'.repeat(32),
      'cd'.repeat(20),
      'file',
      '12',
      '1.500',
      '34',
    ]);
    expect(await printed(['SHOAL_ID'], { contentId: 'ef' }), 'of a folder').toEqual(['ef']);
    const { sha256: _, ...unknown } = RESULT;
    await runThen({
      command: '[ "$SHOAL_ID" = "" ]',
      result: unknown,
      isJson: true,
      signal: new AbortController().signal,
    });
  });

  test.each(['$(touch pwned)', '`touch pwned`', '"; touch pwned; "', "'; touch pwned; '", '%s\\n$HOME'])(
    'runs nothing of a name such as %j',
    async (name) => {
      const path = folder.join(name.replaceAll('/', '_'));
      expect(await printed(['SHOAL_NAME', 'SHOAL_PATH'], { name, path })).toEqual([name, path]);
      await expect(stat(folder.join('pwned'))).rejects.toThrow('ENOENT');
      await expect(stat('pwned')).rejects.toThrow('ENOENT');
    },
  );

  test('escapes control characters in the name, also NUL', async () => {
    expect(await printed(['SHOAL_NAME'], { name: 'a\0b\u001b[31mc\nd\u009be' })).toEqual([
      'a\\x00b\\x1b[31mc\\nd\\x9be',
    ]);
  });

  test('refuses to tell a path with bytes that are not UTF-8', async () => {
    await expect(run('true', { path: 'a\udcb2' })).rejects.toThrow(/not UTF-8/);
  });

  test.each([
    ['exit 3', 'with exit code 3'],
    ['kill -9 $$', 'by SIGKILL'],
    ['no-such-command-at-all 2> /dev/null', 'with exit code 127'],
  ])('rejects when %j fails, and says how', async (command, how) => {
    const error = await run(command).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandFailedError);
    expect((error as Error).message).toBe(`The command of --then has ended ${how}: ${command}`);
  });

  test('passes a signal on to the command and its children, and rejects with it', async () => {
    const stop = new AbortController();
    const started = folder.join('started');
    const caught = folder.join('caught');
    const command = `sh -c 'trap "echo child > ${caught}; exit 1" INT; echo > ${started}; while :; do sleep 0.05; done'; exit 1`;
    const running = run(command, {}, stop.signal);
    await expect
      .poll(
        () =>
          stat(started).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    const reason = new InterruptedError('SIGINT');
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect.poll(() => readFile(caught, 'utf8').catch(() => ''), { timeout: 20_000 }).toBe('child\n');
  });

  test('kills a command that ignores the signal', async () => {
    const stop = new AbortController();
    const started = folder.join('started');
    const running = run(`trap '' TERM; echo > ${started}; while :; do sleep 0.05; done`, {}, stop.signal);
    await expect
      .poll(
        () =>
          stat(started).then(
            () => true,
            () => false,
          ),
        { timeout: 20_000 },
      )
      .toBe(true);
    stop.abort(new InterruptedError('SIGTERM'));
    await expect(running).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
