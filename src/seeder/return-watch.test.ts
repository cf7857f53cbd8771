import { expect, test } from 'vitest';
import { FakeClock, offerOf } from '../../test/support/index.ts';
import { LONGEST_WAIT_MS, RETURN_INTERVAL_MS, ReturnWatch, SETTLE_MS } from './return-watch.ts';
import { SeederError } from './seeder-error.ts';

/** A watch that waits for one file, `a`, which is not there at first. @param reason the error of its first offer; `undefined` when it was offered */
function setUp(reason?: SeederError) {
  const clock = new FakeClock();
  const begin = clock.now();
  const offer = offerOf(['a'], 'hashed');
  const log: string[] = [];
  const disk = { state: undefined as string | undefined, failure: undefined as Error | undefined };
  const say = (what: string) => log.push(`${(clock.now() - begin) / 1000}s ${what}`);
  const watch = new ReturnWatch({
    clock,
    pool: { readFolders: () => Promise.resolve([]) },
    report: (error) => say(`reported: ${error.message}`),
    remake: async () => {
      say('hashed');
      if (disk.failure !== undefined) throw disk.failure;
      return offer;
    },
    onReturned: () => say('returned'),
    look: async () => {
      if (disk.state === undefined) throw new Error('no such file');
      return disk.state;
    },
  });
  if (reason === undefined) watch.add(offer);
  else watch.addNew({ source: offer.source, path: offer.path, state: 'at first', reason });
  return { clock, offer, log, disk, watch };
}

test('ReturnWatch offers a file again once it is back and has not changed for a while', async () => {
  const { clock, log, disk, watch } = setUp();
  await clock.pass(60_000);
  expect(log).toEqual([]);
  disk.state = 'half';
  await clock.pass(SETTLE_MS - RETURN_INTERVAL_MS);
  disk.state = 'whole';
  await clock.pass(SETTLE_MS);
  expect(log).toEqual([]);
  await clock.pass(2 * RETURN_INTERVAL_MS);
  expect(log).toEqual(['68s hashed', '68s returned']);
  await clock.pass(60_000);
  expect(log).toHaveLength(2);
  watch.close();
  expect(clock.pendingCount).toBe(0);
});

test('ReturnWatch waits twice as long each time that a file is withdrawn again', async () => {
  const { clock, offer, log, disk, watch } = setUp();
  disk.state = 'one';
  await clock.pass(10_000);
  watch.add(offer);
  await clock.pass(20_000);
  expect(log).toEqual(['5s hashed', '5s returned', '19s hashed', '19s returned']);
  watch.close();
});

test('ReturnWatch tries a file that cannot be read again, less and less often, and reports it once', async () => {
  const { clock, log, disk, watch } = setUp();
  disk.state = 'as before';
  disk.failure = new Error('EIO');
  await clock.pass(40_000);
  expect(log).toEqual(['5s hashed', '5s reported: EIO', '9s hashed', '17s hashed', '33s hashed']);
  await clock.pass(10 * LONGEST_WAIT_MS);
  disk.failure = undefined;
  await clock.pass(LONGEST_WAIT_MS + RETURN_INTERVAL_MS);
  expect(log.at(-1)).toMatch(/returned$/);
  watch.close();
});

test('ReturnWatch hashes files with other content than the torrent again only when they change', async () => {
  const { clock, log, disk, watch } = setUp();
  disk.state = 'others';
  disk.failure = new SeederError('MISMATCH', 'others');
  await clock.pass(600_000);
  expect(log).toEqual(['5s hashed', '5s reported: others']);
  disk.state = 'the right ones';
  disk.failure = undefined;
  await clock.pass(10_000);
  expect(log.slice(2)).toEqual(['605s hashed', '605s returned']);
  watch.close();
});

test('ReturnWatch offers a file that could not be read at the start, and reports no failure twice', async () => {
  const { clock, log, disk, watch } = setUp(new SeederError('DISK', 'EIO'));
  await clock.pass(60_000);
  expect(log).toEqual([]);
  disk.state = 'there';
  disk.failure = new Error('EIO');
  await clock.pass(10_000);
  expect(log).toEqual(['65s hashed', '69s hashed']);
  disk.failure = undefined;
  await clock.pass(10_000);
  expect(log.slice(2)).toEqual(['77s hashed', '77s returned']);
  watch.close();
});

test('ReturnWatch hashes the files of a torrent that did not match at the start only when they change', async () => {
  const { clock, log, disk, watch } = setUp(new SeederError('MISMATCH', 'others'));
  disk.state = 'at first';
  await clock.pass(600_000);
  expect(log).toEqual([]);
  disk.state = 'the right ones';
  await clock.pass(10_000);
  expect(log).toEqual(['605s hashed', '605s returned']);
  watch.close();
});

test('ReturnWatch offers thousands of new files soon, although each look takes a while', async () => {
  const clock = new FakeClock();
  const count = 5000;
  let returned = 0;
  const watch = new ReturnWatch({
    clock,
    pool: { readFolders: () => Promise.resolve([]) },
    report: (error) => {
      throw error;
    },
    remake: async ({ kind, ...source }) => offerOf(['path' in source ? source.path : kind], 'hashed'),
    onReturned: () => {
      returned += 1;
    },
    look: () => new Promise((resolve) => clock.setTimer(5, () => resolve('there'))),
  });
  for (let at = 0; at < count; at += 1) {
    const path = `new ${at}`;
    watch.addFound({ source: { kind: 'file', path, version: 'v1' }, path });
  }
  await clock.pass(60_000);
  expect(returned).toBe(count);
  watch.close();
});
