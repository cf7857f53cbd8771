import { createCipheriv, createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';

const CHUNK_BYTES = 1 << 20;

/**
 * Bytes that look random and are the same on every machine for the same seed.
 *
 * @param size in bytes
 * @param seed any text
 */
export function* contentOf(size: number, seed: string): Generator<Uint8Array> {
  const key = createHash('sha256').update(seed).digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  for (let left = size; left > 0; left -= CHUNK_BYTES) {
    yield stream.update(Buffer.alloc(Math.min(left, CHUNK_BYTES)));
  }
}

/**
 * Writes a file of exactly `size` bytes whose content is a function of `seed`; folders on the way are made.
 *
 * @returns the SHA-256 of the content, as hex
 *
 * @example
 * ```ts
 * const sha256 = await makeFile(folder.join('a/b.bin'), 3 * 2 ** 20 + 1, 'b');
 * expect(await sha256Of(downloaded)).toBe(sha256);
 * ```
 */
export async function makeFile(path: string, size: number, seed: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(path, 'w');
  const hash = createHash('sha256');
  for (const chunk of contentOf(size, seed)) {
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return hash.digest('hex');
}

/** The SHA-256 of a file's content, as hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** The SHA-256 of each file in a folder and the folders in it, by its path from there, in the order of the paths. */
export async function filesIn(folder: string): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Record<string, string> = {};
  for (const path of paths.toSorted()) files[relative(folder, path)] = await sha256Of(path);
  return files;
}
