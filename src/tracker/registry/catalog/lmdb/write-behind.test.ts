import { expect, test } from 'vitest';
import { FakeClock } from '../../../../../test/support/index.ts';
import { WriteBehind, type WrittenFile } from './write-behind.ts';

/** Makes a file in memory whose writes fail while it has failures left. */
function fakeFile(failures: (number | string)[]) {
  const values = new Map<string, Uint8Array | undefined>();
  let isClosed = false;
  const file: WrittenFile = {
    get: (key) => values.get(key),
    async write(changes) {
      const code = failures.shift();
      if (code !== undefined) throw Object.assign(new Error(`failed with ${code}`), { code });
      for (const [key, value] of changes) values.set(key, value);
    },
    async close() {
      isClosed = true;
    },
  };
  return { file, values, isClosed: () => isClosed };
}

const value = Uint8Array.of(1);

test.each([
  'ENOSPC',
  5, // EIO
  28, // ENOSPC
  -30_792, // MDB_MAP_FULL
])('WriteBehind keeps the file after a failure with code %s, and tries again', async (code) => {
  const { file, values } = fakeFile([code]);
  const clock = new FakeClock();
  const told: string[] = [];
  const saved = new WriteBehind(file, {
    clock,
    report: ({ message }, context) => told.push(`${context}: ${message}`),
    beginAnew: () => Promise.reject(new Error('is not called')),
  });
  saved.set('key', value);
  await expect(saved.flush()).rejects.toMatchObject({ code });
  await saved.flush();
  expect(values.get('key')).toBe(value);
  await saved.close();
});

test.each([
  -30_784, // MDB_INCOMPATIBLE
  -30_796, // MDB_CORRUPTED
  -30_779, // MDB_PROBLEM
])('WriteBehind begins another file after a failure with code %i, and goes on there', async (code) => {
  const damaged = fakeFile([code]);
  const next = fakeFile([]);
  const begun: string[] = [];
  const attempts = [new Error('the folder is read-only')];
  const saved = new WriteBehind(damaged.file, {
    clock: new FakeClock(),
    report: () => {},
    beginAnew: async ({ message }) => {
      expect(damaged.isClosed()).toBe(true);
      expect([saved.isReadable, saved.get('key'), saved.get('other')]).toEqual([false, value, undefined]);
      begun.push(message);
      const failure = attempts.shift();
      if (failure !== undefined) throw failure;
      return next.file;
    },
  });
  saved.set('key', value);
  await expect(saved.flush()).rejects.toThrow('the folder is read-only');
  await saved.flush();
  expect(begun).toEqual([`failed with ${code}`, `failed with ${code}`]);
  expect(next.values.get('key')).toBe(value);
  await saved.close();
  expect(next.isClosed()).toBe(true);
});
