import { expect, test } from 'vitest';
import { FakeClock, offerOf } from '../../test/support/index.ts';
import { FolderWatch, RESTLESS_MS } from './folder-watch.ts';
import type { Offer } from './offer.ts';
import { SETTLE_MS } from './return-watch.ts';

const SOURCE = {
  kind: 'folder',
  path: 'w',
  version: 'v1',
  hidden: false,
  follow: false,
  skipUnreadable: false,
} as const;

/** A watch of a folder whose state is a byte; `undefined` while it is not there. It is offered in state 1. */
function setUp() {
  const clock = new FakeClock();
  const begin = clock.now();
  const log: string[] = [];
  const disk = {
    state: 1 as number | undefined,
    failure: undefined as Error | undefined,
    whileMade: () => {},
    hashingMs: 0,
  };
  const say = (what: string) => log.push(`${Math.round((clock.now() - begin) / 1000)}s ${what}`);
  const sight = (state: number) => ({
    path: 'w',
    places: [{ path: 'w/a/b/file' }],
    stats: [],
    state: Uint8Array.of(state),
    quietSince: 0,
    isWhole: true,
  });
  const offer = (state: number | undefined): Offer => ({
    ...offerOf(['w/a/b/file'], 'hashed'),
    ...(state === undefined ? {} : { state: `0${state}` }),
  });
  const watch = new FolderWatch({
    clock,
    report: (error) => say(`reported: ${error.message}`),
    source: SOURCE,
    offer: offer(1),
    look: async () => (disk.state === undefined ? undefined : sight(disk.state)),
    make: async () => {
      say('made');
      if (disk.failure !== undefined) throw disk.failure;
      const { state } = disk;
      disk.whileMade();
      if (disk.hashingMs > 0) await new Promise<void>((resolve) => clock.setTimer(disk.hashingMs, resolve));
      return offer(state === disk.state ? state : undefined);
    },
    onVersion: ({ state }) => say(`version ${state}`),
  });
  return { clock, log, disk, watch };
}

test('FolderWatch makes one version of a burst of changes, once nothing has changed for a while', async () => {
  const { clock, log, disk, watch } = setUp();
  await clock.pass(60_000);
  expect(log).toEqual([]);
  for (let change = 2; change < 9; change += 1) {
    disk.state = change;
    watch.hurry();
    await clock.pass(SETTLE_MS - 2000);
  }
  expect(log).toEqual([]);
  await clock.pass(60_000);
  expect(log).toEqual(['76s made', '76s version 08']);
  watch.close();
  expect(clock.pendingCount).toBe(0);
});

test('FolderWatch finds a change without an event', async () => {
  const { clock, log, disk, watch } = setUp();
  await clock.pass(1000);
  disk.state = 2;
  await clock.pass(20_000);
  expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual(['made', 'version 02']);
  watch.close();
});

test('FolderWatch makes another version when the folder changes while it is hashed', async () => {
  const { clock, log, disk, watch } = setUp();
  disk.state = 2;
  disk.whileMade = () => {
    disk.state = 3;
    disk.whileMade = () => {};
  };
  await clock.pass(60_000);
  expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    'made',
    'version undefined',
    'made',
    'version 03',
  ]);
  watch.close();
});

test('FolderWatch offers a folder again that was withdrawn, or was away, in the same state', async () => {
  const { clock, log, disk, watch } = setUp();
  await clock.pass(1000);
  disk.state = undefined;
  watch.withdrawn();
  await clock.pass(60_000);
  expect(log).toEqual([]);
  disk.state = 1;
  await clock.pass(20_000);
  expect(log.map((line) => line.split(' ').slice(1).join(' '))).toEqual(['made', 'version 01']);
  watch.close();
});

test('FolderWatch reports a failure once, and tries again less and less often', async () => {
  const { clock, log, disk, watch } = setUp();
  disk.state = 2;
  disk.failure = new Error('EIO');
  await clock.pass(100_000);
  expect(log.filter((line) => line.includes('reported'))).toHaveLength(1);
  const made = log.filter((line) => line.endsWith('made')).length;
  expect(made).toBeGreaterThan(2);
  expect(made).toBeLessThan(8);
  disk.failure = undefined;
  await clock.pass(400_000);
  expect(log.at(-1)).toMatch(/version 02$/);
  watch.close();
});

test('FolderWatch tells once that a folder never settles', async () => {
  const { clock, log, disk, watch } = setUp();
  for (let second = 0; second < (2 * RESTLESS_MS) / 1000; second += 1) {
    disk.state = 2 + (second % 2);
    await clock.pass(1000);
  }
  expect(log).toEqual([expect.stringContaining('reported: w changes all the time')]);
  watch.close();
});

test('FolderWatch knows the folders in which it found files, to listen to them', async () => {
  const { clock, watch } = setUp();
  await clock.pass(1000);
  expect([...watch.folders].sort()).toEqual(['w', 'w/a', 'w/a/b']);
  watch.close();
});

test('FolderWatch finds a change soon after a version that took hours to hash', async () => {
  const { clock, log, disk, watch } = setUp();
  disk.state = 2;
  disk.hashingMs = 3_600_000;
  await clock.pass(3_660_000);
  expect(log.at(-1)).toMatch(/version 02$/);
  disk.hashingMs = 0;
  disk.state = 3;
  watch.hurry();
  await clock.pass(10_000);
  expect(log.at(-1)).toMatch(/version 03$/);
  watch.close();
});
