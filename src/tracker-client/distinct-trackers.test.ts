import { expect, test } from 'vitest';
import { distinctTrackers } from './distinct-trackers.ts';

test('distinctTrackers() lists one, several or no tracker, in their order', () => {
  expect(distinctTrackers(undefined)).toEqual([]);
  expect(distinctTrackers('http://a:9910')).toEqual(['http://a:9910']);
  expect(distinctTrackers(['http://b:9910', 'http://a:9910'])).toEqual(['http://b:9910', 'http://a:9910']);
});

test('distinctTrackers() counts the addresses of one tracker once, whatever is behind the host', () => {
  const token = `shoal_0123abcd_${'a'.repeat(43)}`;
  const urls = [
    'http://a:9910/',
    'http://a:9910/announce',
    `HTTP://A:9910/${token}`,
    'http://a:80',
    'http://a',
    'https://a:9910',
  ];
  expect(distinctTrackers(urls)).toEqual(['http://a:9910/', 'http://a:80', 'https://a:9910']);
});
