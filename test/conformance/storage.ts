import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Placement } from '../../src/metainfo/index.ts';
import type { Storage } from '../../src/storage/index.ts';

/** Files of several lengths with a gap, an empty file and files that meet inside a block. */
const FILES: readonly Placement[] = [
  { offset: 0, length: 10 },
  { offset: 10, length: 0 },
  { offset: 10, length: 25 },
  { offset: 64, length: 7 },
];
const END = 71;

/**
 * Describes the tests of the contract of {@link Storage}, run against an adapter.
 *
 * @param open gives an empty storage for the files
 */
export function describeStorage(name: string, open: (files: readonly Placement[]) => Promise<Storage>): void {
  describe(`${name} as a Storage`, () => {
    test('read() gives what write() was given, across files, with zeros in the gaps', async () => {
      const ranges = fc.record({
        offset: fc.nat(END - 1),
        data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(ranges, { maxLength: 8 }), async (writes) => {
          const storage = await open(FILES);
          const model = new Uint8Array(END);
          for (const { offset, data } of writes) {
            const fitting = data.subarray(0, END - offset);
            await storage.write(offset, fitting);
            model.set(fitting, offset);
          }
          model.fill(0, 35, 64);
          await storage.sync();
          const whole = new Uint8Array(END).fill(0xaa);
          await storage.read(0, whole);
          expect(whole).toEqual(model);
          const middle = new Uint8Array(30).fill(0xaa);
          await storage.read(20, middle.subarray(0, 7), middle.subarray(7, 8), middle.subarray(8));
          expect(middle).toEqual(model.subarray(20, 50));
          await storage.close();
        }),
        { numRuns: 30 },
      );
    });

    test('ranges that differ can be written at the same time', async () => {
      const storage = await open(FILES);
      await Promise.all(Array.from({ length: 35 }, (_, at) => storage.write(at, Uint8Array.of(at))));
      const found = new Uint8Array(35);
      await storage.read(0, found);
      expect([...found]).toEqual(Array.from({ length: 35 }, (_, at) => at));
      await storage.close();
    });

    test('a closed storage rejects', async () => {
      const storage = await open(FILES);
      await storage.close();
      await expect(storage.read(0, new Uint8Array(1))).rejects.toMatchObject({ code: 'CLOSED' });
      await expect(storage.write(0, new Uint8Array(1))).rejects.toMatchObject({ code: 'CLOSED' });
    });
  });
}
