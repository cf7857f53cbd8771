import { execFile } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import type { Clock } from '../util/index.ts';
import { Log } from './log.ts';
import type { LoggerOptions } from './logger.ts';

const MINUTE = 60_000;

function logTo(level: LoggerOptions['level'], clock?: Clock) {
  const stream = new PassThrough({ encoding: 'utf8' });
  const log = new Log({ level, isJson: true, stream }, clock);
  const records = () =>
    ((stream.read() as string | null) ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as object);
  return { log, records };
}

describe('Log', () => {
  test('written() resolves when all records are written, in the order in which they were made', async () => {
    const { log, records } = logTo('debug');
    log.warn('Could not announce', new Error('no route'));
    log.debug('Registered');
    await log.written();
    expect(records()).toMatchObject([
      { level: 40, msg: 'Could not announce', err: { message: 'no route' } },
      { level: 20, msg: 'Registered' },
    ]);
  });

  test.each([
    ['trace', ['debug', 'warn']],
    ['debug', ['debug', 'warn']],
    ['info', ['warn']],
    ['warn', ['warn']],
    ['error', []],
    ['silent', []],
  ] as const)('of level %s writes records of the levels %j', async (level, written) => {
    const { log, records } = logTo(level);
    log.debug('debug');
    log.warn('warn');
    await log.written();
    expect(records()).toMatchObject(written.map((msg) => ({ msg })));
  });

  test('leaves out records that repeat a message, and says how many it left out', async () => {
    const { log, records } = logTo('warn');
    log.oneIn = 100;
    for (let times = 0; times < 101; times += 1) log.warn('Could not announce', new Error(String(times)));
    log.warn('Could not register');
    await log.written();
    expect(records()).toMatchObject([
      { msg: 'Could not announce', err: { message: '0' } },
      { msg: 'Could not announce (and 99 more like it, left out)', leftOut: 99, err: { message: '100' } },
      { msg: 'Could not register' },
    ]);
  });

  test('writes few of the records that one address causes, and a minute later how many it left out', async () => {
    const clock = new FakeClock();
    const { log, records } = logTo('info', clock);
    for (let port = 1; port <= 400; port += 1) {
      log.warn(`Could not upload to 192.0.2.1:${port} (a client)`, new Error('broke the protocol'));
    }
    await log.written();
    expect(records()).toHaveLength(11);
    for (let port = 1; port <= 50; port += 1) log.warn(`Could not upload to 192.0.2.1:${port}`);
    clock.advance(MINUTE);
    await log.written();
    const text = 'Left out 50 records, because there were too many: Could not upload to *';
    expect(records()).toMatchObject([{ level: 40, msg: text, leftOut: 50 }]);
  });

  test('load() lets later records be written when no descriptor is left', async () => {
    // The script runs in a process of its own, which has a low limit of descriptors.
    const script = `
      import { openSync } from 'node:fs';
      import { Log } from ${JSON.stringify(new URL('./log.js', import.meta.url).href)};
      const log = new Log({ level: 'warn', isJson: true, stream: process.stdout });
      await log.load();
      const held = [];
      try {
        for (;;) held.push(openSync('/dev/null'));
      } catch {}
      log.warn(held.length > 0 ? 'no descriptor is left' : 'all are free');
      await log.written();
    `;
    const args = ['-c', 'ulimit -n 80 && exec "$0" --input-type=module -e "$1"', process.execPath, script];
    const output = await new Promise<string>((resolve) => {
      execFile('sh', args, (error, stdout, stderr) => resolve(`${stdout}${stderr}${error?.message ?? ''}`));
    });
    expect(JSON.parse(output)).toMatchObject({ level: 40, msg: 'no descriptor is left' });
  });

  test('written() rejects when the log cannot be written', async () => {
    const stream = new PassThrough();
    stream.write = () => {
      throw new Error('gone');
    };
    const log = new Log({ level: 'warn', isJson: true, stream });
    log.warn('warn');
    await expect(log.written()).rejects.toThrow('gone');
  });
});
