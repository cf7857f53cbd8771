import { expect, test } from 'vitest';
import { offerOf } from '../../test/support/index.ts';
import { isSameOffer } from './same-offer.ts';

test('isSameOffer() takes offers for the same only if torrent, paths and states of files are', () => {
  const offer = offerOf(['a', 'b'], 'hashed');
  expect(isSameOffer(offer, offerOf(['a', 'b'], 'hashed'))).toBe(true);
  const touched = { ...offer, files: offer.files.map((file) => ({ ...file, changedNs: 1n })) };
  expect(isSameOffer(offer, touched)).toBe(true);
  expect(isSameOffer(offer, offerOf(['a', 'b'], 'written to'))).toBe(false);
  expect(isSameOffer(offer, offerOf(['a', 'c'], 'hashed'))).toBe(false);
  const moved = { ...offer, files: offer.files.map((file) => ({ ...file, path: `elsewhere/${file.path}` })) };
  expect(isSameOffer(offer, moved)).toBe(false);
});
