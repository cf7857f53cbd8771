import { expect, test } from 'vitest';
import { MetainfoError } from '../metainfo/index.ts';
import { TrackerCallError } from '../tracker-client/index.ts';
import { explain } from './explain.ts';

const tooLate = new DOMException('too late', 'TimeoutError');

test('explain() reports an inconsistent torrent as BAD_TORRENT', () => {
  const error = new MetainfoError('HYBRID_MISMATCH', 'its halves differ');
  const { signal } = new AbortController();
  expect(explain(error, signal)).toMatchObject({
    code: 'BAD_TORRENT',
    message: 'its halves differ',
    cause: error,
  });
});

test('explain() names the tracker that did not answer before the deadline', () => {
  const error = new TrackerCallError(
    'ABORTED',
    'Cannot look up files at http://t.example: there was no answer',
  );
  expect(explain(error, AbortSignal.abort(tooLate), 'looking-up')).toMatchObject({
    code: 'TIMED_OUT',
    message: 'The file was not there in time. Cannot look up files at http://t.example: there was no answer',
    cause: error,
  });
});

test.each([
  ['looking-up', 'The file was not there in time: the tracker was still being asked for it'],
  ['allocating', 'The file was not there in time: its space on disk was still being taken'],
  ['checking', 'The file was not there in time: the part of it that is there was still being checked'],
  ['verifying', 'The file was not there in time: the whole of it was still being checked'],
  [undefined, 'The file was not there in time'],
] as const)(
  'explain() says which work was not finished when the deadline passes in the phase %s',
  (phase, message) => {
    const error = explain(tooLate, AbortSignal.abort(tooLate), phase);
    expect(error).toMatchObject({ code: 'TIMED_OUT', message, cause: tooLate });
  },
);

test('explain() says only that the download was given up for any other reason to abort', () => {
  const reason = new Error('no longer wanted');
  const error = explain(reason, AbortSignal.abort(reason), 'checking');
  expect(error).toMatchObject({ code: 'ABORTED', message: 'The download was given up', cause: reason });
});
