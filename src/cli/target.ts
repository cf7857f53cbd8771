import { stat } from 'node:fs/promises';
import { readInput } from '../files/index.ts';
import { UsageError } from './errors.ts';
import { refuseUrl } from './refuse-url.ts';

/** The thing that the user means by the TARGET of `shoal get`. */
export type Target =
  | { readonly kind: 'torrent'; readonly path: string }
  /** The SHA-256 of a file, the content id of a folder, or the info-hash of a v2 torrent: 64 hex digits. */
  | { readonly kind: 'id'; readonly id: string }
  /** An info-hash of 40 hex digits. */
  | { readonly kind: 'infoHash'; readonly infoHash: string }
  | { readonly kind: 'name'; readonly name: string };

/**
 * Finds out whether a TARGET is a `.torrent` file, an id, an info-hash or a name. An existing file without the extension
 * `.torrent` counts as a torrent only if it begins like one. Otherwise a file that was downloaded by its name could not be
 * downloaded again in the same folder.
 *
 * @throws {UsageError} when it is empty, a URL, or hex digits of a length that no hash has
 */
export async function readTarget(text: string): Promise<Target> {
  if (text === '') throw new UsageError('Cannot get a file: TARGET is empty');
  refuseUrl('get', text);
  if (text.endsWith('.torrent')) return { kind: 'torrent', path: text };
  if (/^[0-9a-f]{64}$/i.test(text)) return { kind: 'id', id: text.toLowerCase() };
  if (/^[0-9a-f]{40}$/i.test(text)) return { kind: 'infoHash', infoHash: text.toLowerCase() };
  if (await beginsLikeTorrent(text)) return { kind: 'torrent', path: text };
  refuseOddHash(text);
  return { kind: 'name', name: text };
}

/** The fewest hex digits that count as an incomplete hash. An MD5, which is the name of some files, has 32. */
const FEWEST_HASH_DIGITS = 36;

function refuseOddHash(text: string): void {
  if (text.length < FEWEST_HASH_DIGITS || !/^[0-9a-f]+$/i.test(text)) return;
  throw new UsageError(
    `Cannot get ${text}: a SHA-256 or content id has 64 hex digits, an info-hash 40 or 64, and this has ${text.length}`,
    [`If it is the name of a file: shoal get --name ${text}`],
  );
}

/** Tells whether a path is a file that begins with a bencoded dictionary. */
async function beginsLikeTorrent(path: string): Promise<boolean> {
  const isFile = (await stat(path).catch(() => undefined))?.isFile() ?? false;
  if (!isFile) return false;
  const bytes = await readInput(path, 1).catch(() => Buffer.of());
  return /^d\d/.test(bytes.toString('latin1'));
}
