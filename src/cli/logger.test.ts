import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { TrackerCallError } from '../tracker-client/index.ts';
import { createLogger } from './logger.ts';
import { namesAttempt } from './names-attempt.ts';
import type { Settings } from './settings.ts';

function logged({
  level = 'info',
  isJson = false,
  isTTY = false,
}: {
  level?: Settings['log.level'];
  isJson?: boolean;
  isTTY?: boolean;
}) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY });
  const log = createLogger({ level, isJson, stream, env: {} });
  log.debug('small');
  log.warn({ err: new Error('no \u001b route', { cause: new Error('cut cable') }) }, 'Could not announce');
  return (stream.read() as string | null) ?? '';
}

describe('createLogger()', () => {
  test('writes text with the time and escaped control characters, and without the stack', () => {
    expect(logged({})).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z warn: Could not announce: no \\x1b route\n$/);
  });

  test('overwrites the progress bar of a terminal, which is drawn again below', () => {
    expect(logged({ isTTY: true })).toBe('\r\u001b[Kwarn: Could not announce: no \\x1b route\n\u001b7');
  });

  test('shows the stacks of the error and its cause at level debug', () => {
    expect(logged({ level: 'debug' })).toMatch(
      /debug: small\n.*warn: .*\nError: no .*\n +at [\s\S]*\nError: cut cable\n +at /,
    );
  });

  test.each([
    ['itself', 'ask http://t.example', 'warn: Could not ask http://t.example: no answer. Is it running?'],
    ['of another call', 'go on', 'warn: Cannot ask http://t.example: no answer. Is it running?'],
  ])(
    'names the attempt only once when the error names it, %s, and adds the advice',
    (_whose, doing, line) => {
      const stream = new PassThrough({ encoding: 'utf8' });
      const log = createLogger({ level: 'info', isJson: false, stream, env: {}, namesAttempt });
      const err = new TrackerCallError('UNREACHABLE', 'Cannot ask http://t.example: no answer', {
        advice: 'Is it running?',
      });
      log.warn({ err }, `Could not ${doing}`);
      expect(stream.read()).toContain(`Z ${line}\n`);
    },
  );

  test('writes NDJSON for programs', () => {
    const record = JSON.parse(logged({ isJson: true })) as object;
    expect(record).toMatchObject({
      level: 40,
      msg: 'Could not announce',
      err: { message: 'no \u001b route' },
    });
  });

  test('writes nothing when silent', () => {
    expect(logged({ level: 'silent' })).toBe('');
  });
});
