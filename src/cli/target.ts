import { open } from 'node:fs/promises';
import { UsageError } from './errors.ts';

/** What the user means by the TARGET of `shoal get`. */
export type Target =
  | { readonly kind: 'torrent'; readonly path: string }
  | { readonly kind: 'sha256'; readonly sha256: string }
  | { readonly kind: 'name'; readonly name: string };

/**
 * Tells a `.torrent` file, a SHA-256 and a name apart. A file that is there under another name than `.torrent` is one
 * if it begins like one: else a file got once, by its name, could not be asked for again from the same folder.
 *
 * @throws {UsageError} when it is empty
 */
export async function readTarget(text: string): Promise<Target> {
  if (text === '') throw new UsageError('Cannot get what has no name: TARGET is empty');
  if (text.endsWith('.torrent')) return { kind: 'torrent', path: text };
  if (/^[0-9a-f]{64}$/i.test(text)) return { kind: 'sha256', sha256: text.toLowerCase() };
  return (await beginsLikeTorrent(text)) ? { kind: 'torrent', path: text } : { kind: 'name', name: text };
}

/** Whether it is a file that begins with a bencoded dictionary. */
async function beginsLikeTorrent(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return false;
  await using opened = file;
  if (!(await opened.stat()).isFile()) return false;
  const { buffer } = await opened.read(Buffer.alloc(2), 0, 2, 0);
  return /^d\d/.test(buffer.toString('latin1'));
}
