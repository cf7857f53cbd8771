import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/index.ts';
import type { SeededTorrent } from '../seeder/index.ts';
import { OfferedNews, type OfferedNewsOptions } from './offered-news.ts';
import { Output } from './output.ts';

function newsTo(
  lines: string[],
  { isJson = false, describe }: { readonly isJson?: boolean } & Pick<OfferedNewsOptions, 'describe'> = {},
) {
  const stream = new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      lines.push(...text.trimEnd().split('\n'));
      done();
    },
  });
  const clock = new FakeClock();
  const output = new Output(stream, { isJson, isQuiet: false });
  return { clock, news: new OfferedNews({ output, clock, ...(describe && { describe }) }) };
}

function torrent(number: number): SeededTorrent {
  return { name: `f${number}`, path: `in/f${number}`, size: 1024, infoHash: '0'.repeat(40) };
}

function offerAll(news: OfferedNews, count: number): void {
  for (let number = 1; number <= count; number++) news.onOffered(torrent(number));
}

test('OfferedNews tells people of ten thousand files in one line', () => {
  const lines: string[] = [];
  const { clock, news } = newsTo(lines);
  offerAll(news, 10_000);
  expect(lines).toEqual([]);
  clock.advance(1_000);
  expect(lines).toEqual(['Now offering in/f1, in/f2, in/f3, … (10000 files, 9.8 MiB)']);
});

test('OfferedNews tells people of a single file by its path, and of more files after ten seconds', () => {
  const lines: string[] = [];
  const { clock, news } = newsTo(lines);
  offerAll(news, 1);
  clock.advance(1_000);
  offerAll(news, 2);
  clock.advance(9_999);
  expect(lines).toEqual(['Now offering in/f1 (1.0 KiB)']);
  clock.advance(1);
  expect(lines.slice(1)).toEqual(['Now offering in/f1, in/f2 (2 files, 2.0 KiB)']);
});

test('OfferedNews describes a folder that is offered as one, and flush() tells it at once', () => {
  const lines: string[] = [];
  const { clock, news } = newsTo(lines, {
    describe: (torrents) => torrents.map(({ name }) => `${name}: it`),
  });
  offerAll(news, 1);
  news.flush();
  expect(lines).toEqual(['Now offering:', 'f1: it']);
  expect(clock.pendingCount).toBe(0);
});

test('OfferedNews tells programs each torrent at once', () => {
  const lines: string[] = [];
  const { news } = newsTo(lines, { isJson: true });
  offerAll(news, 2);
  expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(['in/f1', 'in/f2']);
});
