import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { parseInfoHash, parseIp } from '../../../util/index.ts';
import { GivenMetainfo } from './given-metainfo.ts';

const [ONE, OTHER] = [parseIp('192.0.2.1')!, parseIp('192.0.2.2')!];
const MIB = 2 ** 20;
const LIMITS = { maxPerAddress: 2 * MIB, maxInAll: 3 * MIB };

/** An answer whose client reads nothing. */
function newAnswer(): ServerResponse {
  const socket = new Socket();
  const answer = new ServerResponse(new IncomingMessage(socket));
  answer.assignSocket(socket);
  return answer;
}

async function close(answer: ServerResponse): Promise<void> {
  const closed = once(answer, 'close');
  answer.destroy();
  await closed;
}

/** Gives a torrent's metainfo of a MiB. */
class Catalog {
  readonly given = new GivenMetainfo(LIMITS);
  reads = 0;

  take(torrent: number, ip = ONE, answer = newAnswer()): Promise<Uint8Array | undefined> {
    const infoHash = parseInfoHash(String(torrent).padStart(40, '0'));
    return this.given.take(infoHash, ip, answer, async () => {
      this.reads += 1;
      return new Uint8Array(MIB);
    });
  }
}

test('take() keeps one copy of a metainfo for all responses to an address', async () => {
  const catalog = new Catalog();
  const answers = Array.from({ length: 100 }, newAnswer);
  await Promise.all(answers.map((answer) => catalog.take(1, ONE, answer)));
  expect([catalog.reads, catalog.given.bytes]).toEqual([1, MIB]);
  for (const answer of answers.slice(1)) await close(answer);
  expect(catalog.given.bytes).toBe(MIB);
  await close(answers[0]!);
  expect(catalog.given.bytes).toBe(0);
  await catalog.take(1);
  expect(catalog.reads).toBe(2);
});

test('take() refuses an address that is being sent too much, and no other address', async () => {
  const catalog = new Catalog();
  const [first, refused] = [newAnswer(), newAnswer()];
  await catalog.take(1, ONE, first);
  await catalog.take(2);
  await expect(catalog.take(3, ONE, refused)).rejects.toMatchObject({ status: 503 });
  await close(refused);
  await catalog.take(3, OTHER);
  await close(first);
  expect(await catalog.take(3)).toHaveLength(MIB);
});

test('take() makes the address that is being sent most give up when there is no room left', async () => {
  const catalog = new Catalog();
  const greedy = [newAnswer(), newAnswer()];
  for (const [at, answer] of greedy.entries()) await catalog.take(at, ONE, answer);
  await catalog.take(0, OTHER);
  expect(greedy.filter(({ destroyed }) => destroyed)).toHaveLength(0);
  await catalog.take(0, parseIp('192.0.2.3'));
  expect(greedy.filter(({ destroyed }) => destroyed)).toHaveLength(1);
  expect(catalog.given.bytes).toBe(3 * MIB);
});

test('take() counts nothing for a client that has gone, and nothing for an unknown torrent', async () => {
  const catalog = new Catalog();
  const gone = newAnswer();
  await close(gone);
  await catalog.take(1, ONE, gone);
  const answer = newAnswer();
  const unknown = parseInfoHash('f'.repeat(40));
  expect(await catalog.given.take(unknown, ONE, answer, async () => undefined)).toBeUndefined();
  await close(answer);
  expect(catalog.given.bytes).toBe(0);
});
