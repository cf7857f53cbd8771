import { describe, expect, test } from 'vitest';
import { GetError } from '../client/index.ts';
import { ConfigError } from '../config/index.ts';
import { HashingError } from '../hashing/index.ts';
import { MetainfoError } from '../metainfo/index.ts';
import { NetworkError } from '../net/index.ts';
import { SeederError } from '../seeder/index.ts';
import { StorageError } from '../storage/index.ts';
import { TrackerStartError } from '../tracker/index.ts';
import { TrackerCallError } from '../tracker-client/index.ts';
import { InterruptedError, MismatchError, UsageError } from './errors.ts';
import { EXIT_CODE_MEANINGS, ExitCode, exitCodeOf } from './exit-code.ts';

describe('exitCodeOf()', () => {
  test.each<[code: number, error: Error]>([
    [1, new Error('a defect')],
    [1, new HashingError('WORKER_FAILED', 'x')],
    [2, new UsageError('x')],
    [2, new ConfigError('BAD_VALUE', 'x')],
    [2, new MetainfoError('BAD_NAME', 'x')],
    [2, new GetError('USAGE', 'x')],
    [2, new SeederError('NO_FILES', 'x')],
    [2, new TrackerCallError('UNSUPPORTED', 'x')],
    [2, new TrackerStartError('BAD_OPTION', 'x')],
    [3, new GetError('NOT_FOUND', 'x')],
    [4, new GetError('TIMED_OUT', 'x')],
    [5, new GetError('MISMATCH', 'x')],
    [5, new SeederError('MISMATCH', 'x')],
    [5, new MismatchError('x')],
    [6, new GetError('DISK', 'x')],
    [6, new AggregateError([new Error('y', { cause: new TrackerStartError('CANNOT_KEEP_STATE', 'x') })])],
    [1, new AggregateError([new Error('a defect')])],
    [6, Object.assign(new Error('x'), { code: 'EMFILE' })],
    [6, new HashingError('WORKER_FAILED', 'x', { cause: Object.assign(new Error('x'), { code: 'ENFILE' }) })],
    [6, new HashingError('FILE_UNREADABLE', 'x')],
    [6, new StorageError('DISK_FULL', '/a', { action: 'write', reason: 'x' })],
    [7, new GetError('UNREACHABLE', 'x')],
    [7, new NetworkError('PORT_IN_USE', 'x')],
    [7, new TrackerStartError('PORT_IN_USE', 'x')],
    [7, new TrackerCallError('TIMED_OUT', 'x')],
    [130, new GetError('ABORTED', 'x')],
    [130, new InterruptedError('SIGINT')],
  ])('is %d for %o', (code, error) => {
    expect(exitCodeOf(error)).toBe(code);
  });
});

test('EXIT_CODE_MEANINGS lists each code once', () => {
  expect(EXIT_CODE_MEANINGS.map(([code]) => code)).toEqual(Object.values(ExitCode));
});
