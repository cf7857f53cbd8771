import { expect, test } from 'vitest';
import { MetainfoError } from '../metainfo/index.ts';
import { explain } from './explain.ts';

test('explain() says of a torrent that turns out to be inconsistent that it is bad', () => {
  const error = new MetainfoError('HYBRID_MISMATCH', 'its halves differ');
  const { signal } = new AbortController();
  expect(explain(error, signal)).toMatchObject({
    code: 'BAD_TORRENT',
    message: 'its halves differ',
    cause: error,
  });
});
