import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock, offerOf } from '../../test/support/index.ts';
import { ChangeWatch, LOOK_INTERVAL_MS, MAX_LOOKS } from './change-watch.ts';

/** A watch over files whose states are in a map; one that is not there does not exist. */
function setUp(names: readonly string[]) {
  const clock = new FakeClock();
  const states = new Map<string, string | Error>(names.map((name) => [name, 'hashed']));
  const looks: string[] = [];
  const told: string[][] = [];
  const changedNs = new Map<string, bigint>();
  const read: string[] = [];
  const different = new Set<string>();
  const watch = new ChangeWatch({
    clock,
    report: (error) => {
      throw error;
    },
    onChanged: (changed) =>
      told.push(changed.map(({ offer, reason }) => `${offer.path} ${reason.code}: ${reason.message}`)),
    look: async (path) => {
      looks.push(path);
      const state = states.get(path) ?? Object.assign(new Error('no such file'), { code: 'ENOENT' });
      if (state instanceof Error) throw state;
      return { version: state, changedNs: changedNs.get(path) ?? 0n };
    },
    findDifferent: async (_, files) => {
      read.push(files.map(({ path }) => path).join(' '));
      return files.filter(({ path }) => different.has(path));
    },
  });
  for (const name of names) watch.add(offerOf([name], 'hashed'));
  return { clock, states, looks, told, watch, changedNs, read, different };
}

test('ChangeWatch reports files that are gone, changed or unreadable once, in one call', async () => {
  const { clock, states, told, watch } = setUp(['a', 'b', 'c', 'd']);
  await clock.pass(3 * LOOK_INTERVAL_MS);
  expect(told).toEqual([]);
  states.delete('a');
  states.set('b', 'written to');
  states.set('c', Object.assign(new Error('EIO: i/o error, stat'), { code: 'EIO' }));
  await clock.pass(10 * LOOK_INTERVAL_MS);
  expect(told).toEqual([
    [
      'a CHANGED: Cannot read a: it was moved or deleted',
      'b CHANGED: Cannot seed b: it has changed since it was hashed',
      'c DISK: Cannot read c: the disk failed to read or write',
    ],
  ]);
  watch.close();
  expect(clock.pendingCount).toBe(0);
});

test('ChangeWatch looks at a bounded number of files in a round, and at all files in turn', async () => {
  const names = Array.from({ length: 2 * MAX_LOOKS + 1 }, (_, at) => String(at));
  const { clock, looks, watch } = setUp(names);
  await clock.pass(LOOK_INTERVAL_MS);
  expect(looks).toEqual(names.slice(0, MAX_LOOKS));
  await clock.pass(2 * LOOK_INTERVAL_MS);
  expect(looks).toEqual(names);
  await clock.pass(LOOK_INTERVAL_MS);
  expect(looks.slice(names.length)).toEqual(names.slice(0, MAX_LOOKS));
  watch.close();
});

test('ChangeWatch does not look at an offer that was removed', async () => {
  const { clock, states, told, watch } = setUp([]);
  const offer = offerOf(['a', 'b'], 'hashed');
  watch.add(offer);
  watch.remove(offer);
  states.clear();
  await clock.pass(5 * LOOK_INTERVAL_MS);
  expect(told).toEqual([]);
  watch.close();
});

test('ChangeWatch looks soon at a file, and at the files of a folder, of which an event tells', async () => {
  const names = Array.from({ length: 3 * MAX_LOOKS }, (_, at) => `f/${String(at).padStart(4, '0')}/a`);
  const { clock, states, told, watch } = setUp(names);
  const [file, moved] = names.slice(-2);
  states.delete(file!);
  watch.tell(dirname(file!), 'a');
  await clock.pass(LOOK_INTERVAL_MS / 4);
  expect(told.flat()).toEqual([expect.stringContaining(file!)]);
  states.delete(moved!);
  watch.tell('f', basename(dirname(moved!)));
  await clock.pass(LOOK_INTERVAL_MS / 4);
  expect(told.flat()).toHaveLength(2);
  watch.close();
});

test('ChangeWatch takes a burst of events of files that have not changed', async () => {
  const { clock, looks, told, watch } = setUp(['f/a', 'f/b']);
  for (let event = 0; event < 10_000; event += 1) watch.tell('f', event % 2 === 0 ? 'a' : String(event));
  await clock.pass(LOOK_INTERVAL_MS * 10);
  expect(told).toEqual([]);
  expect(looks.length).toBeLessThan(100);
  watch.close();
});

test('ChangeWatch reads a file again whose inode alone has changed, and reports it if it is not what was hashed', async () => {
  const { clock, told, watch, changedNs, read, different } = setUp(['a', 'b']);
  await clock.pass(3 * LOOK_INTERVAL_MS);
  changedNs.set('a', 1n);
  await clock.pass(10 * LOOK_INTERVAL_MS);
  expect([read, told]).toEqual([['a'], []]);
  changedNs.set('b', 1n);
  different.add('b');
  await clock.pass(10 * LOOK_INTERVAL_MS);
  expect(read).toEqual(['a', 'b']);
  expect(told).toEqual([['b CHANGED: Cannot seed b: it has changed since it was hashed']]);
  watch.close();
  expect(clock.pendingCount).toBe(0);
});
