import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BURST, registrationNumber } from '../../../../../test/support/tracker/numbered-registrations.ts';
import {
  parseInfoHash,
  randomBelow,
  seededRandom,
  systemClock,
  systemRandom,
} from '../../../../util/index.ts';
import { LmdbCatalog } from './lmdb-catalog.ts';

const WORKER = fileURLToPath(
  new URL('../../../../../test/support/tracker/catalog-worker.js', import.meta.url),
);
const KILLS = 6;

/**
 * Runs the worker and kills it some milliseconds after it has written `lines` lines.
 *
 * @returns the last number that it wrote
 */
async function killAfter(lines: number, delayMs: number, path: string, first: number): Promise<number> {
  const worker = spawn(process.execPath, [WORKER, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(worker, 'close');
  let last = first - 1;
  let left = lines;
  for await (const line of createInterface({ input: worker.stdout })) {
    last = Number(line);
    left -= 1;
    if (left === 0) setTimeout(() => worker.kill('SIGKILL'), delayMs);
  }
  await closed;
  expect(worker.signalCode).toBe('SIGKILL');
  return last;
}

test('a process that is killed loses nothing that was in the file, and leaves one that opens', async () => {
  const seed = Number(process.env['SEED'] ?? randomBelow(systemRandom, 2 ** 31));
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'shoal-catalog-'));
  const path = join(folder, 'catalog.lmdb');
  try {
    let next = BURST * 2 + 1;
    let oldest = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const flushed = await killAfter(1 + randomBelow(random, 60), randomBelow(random, 5), path, next);
      const catalog = await LmdbCatalog.open({
        path,
        clock: systemClock,
        toWallTime: (at) => at,
        report: (error) => {
          throw error;
        },
      });
      // A process that made ten registrations made one of each seeder; one that made fewer left older ones.
      if (flushed - next >= 9) oldest = flushed - 9;
      const { items } = await catalog.find({}, { limit: 1000 });
      for (const { name, infoHash } of items) {
        const number = Number(name);
        const context = `SEED=${seed}: registration ${number}, ${flushed} was in the file`;
        expect(number, context).toBeGreaterThanOrEqual(oldest);
        expect(number, context).toBeLessThanOrEqual(flushed + BURST);
        const metainfo = await catalog.metainfo(parseInfoHash(infoHash));
        if (number <= flushed) expect(metainfo, context).toBeDefined();
        if (metainfo !== undefined)
          expect(Buffer.from(registrationNumber(number).metainfo).equals(metainfo), context).toBe(true);
      }
      if (kill > 0) expect(items, `SEED=${seed}`).toHaveLength(10);
      await catalog.close();
      next = flushed + BURST + 1;
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
