import { describe, expect, test } from 'vitest';
import { MemoryStorage } from '../../test/support/index.ts';
import { MovableStorage } from './movable-storage.ts';

const BYTES = 100;

/** Makes a storage of one file that has `byte` everywhere. */
async function filledWith(byte: number): Promise<MemoryStorage> {
  const storage = new MemoryStorage([{ offset: 0, length: BYTES }]);
  await storage.write(0, new Uint8Array(BYTES).fill(byte));
  return storage;
}

describe('MovableStorage', () => {
  test('reads from the storage that it has moved to, also what was asked for during the move', async () => {
    const storage = new MovableStorage(await filledWith(1));
    const before = new Uint8Array(10);
    await storage.read(0, before);
    expect(before).toEqual(new Uint8Array(10).fill(1));
    storage.hold();
    const during = new Uint8Array(10);
    let isRead = false;
    const reading = storage.read(0, during).then(() => {
      isRead = true;
    });
    await Promise.resolve();
    expect(isRead).toBe(false);
    storage.moveTo(await filledWith(2));
    await reading;
    expect(during).toEqual(new Uint8Array(10).fill(2));
  });

  test('rejects reads that wait, and later ones, when it is abandoned', async () => {
    const storage = new MovableStorage(await filledWith(1));
    storage.hold();
    const reading = storage.read(0, new Uint8Array(10));
    storage.abandon();
    await expect(reading).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(storage.read(0, new Uint8Array(10))).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
