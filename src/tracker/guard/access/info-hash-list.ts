import { setImmediate } from 'node:timers/promises';
import { INFO_HASH_BYTES, type InfoHash } from '../../../util/index.ts';
import { AccessFileError } from './access-file-error.ts';
import { readAccessFile } from './read-access-file.ts';

/** The most bytes of a file that lists info-hashes. */
export const MAX_LIST_BYTES = 256 * 1024 * 1024;
/** The most info-hashes in such a file. */
export const MAX_LIST_ENTRIES = 1_000_000;

/** The number of lines that are read before announces get their turn: some milliseconds. */
const LINES_IN_A_STEP = 10_000;
const NEWLINE = 0x0a;
const HASH = 0x23;
/** The number of characters of the longest info-hash, and one more that shows where it ends. */
const HEAD_CHARACTERS = 65;
const HEAD = /^[0-9a-f]{40}(?:[0-9a-f]{24})?(?:[\s,;]|$)/i;

/**
 * Reads a list of info-hashes, one on each line, with or without a name after it. An info-hash has 40 hex digits, or 64 for
 * v2, of which the first 40 count, as for peers and trackers. A line that starts with `#` is a comment. Lines may end with
 * CRLF.
 *
 * @throws {AccessFileError} UNREADABLE, TOO_LARGE, BAD_LINE
 */
export async function readInfoHashList(path: string): Promise<ReadonlySet<InfoHash>> {
  const bytes = await readAccessFile(path, MAX_LIST_BYTES);
  if (bytes === undefined) {
    throw new AccessFileError('UNREADABLE', `Cannot read ${path}: there is no such file`);
  }
  return parseInfoHashList(bytes, path);
}

/** @param path for messages @see {@link readInfoHashList} */
export async function parseInfoHashList(bytes: Buffer, path: string): Promise<ReadonlySet<InfoHash>> {
  const found = new Set<InfoHash>();
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    const infoHash = readLine(bytes, start, end);
    if (infoHash === null) throw badLine(path, line, bytes.toString('utf8', start, end));
    if (infoHash !== undefined) found.add(infoHash);
    if (found.size > MAX_LIST_ENTRIES) {
      const limit = `it may have ${MAX_LIST_ENTRIES} info-hashes, found more`;
      throw new AccessFileError('TOO_LARGE', `Cannot read ${path}: ${limit}`);
    }
    start = end + 1;
    if (line % LINES_IN_A_STEP === 0) await setImmediate();
  }
  return found;
}

/** @returns `undefined` for a line without an info-hash; `null` for a malformed line */
function readLine(bytes: Buffer, start: number, end: number): InfoHash | undefined | null {
  if (bytes[start] === HASH) return undefined;
  const head = bytes.toString('latin1', start, Math.min(end, start + HEAD_CHARACTERS));
  if (!HEAD.test(head)) return /^\s*$/.test(bytes.toString('latin1', start, end)) ? undefined : null;
  // The string is made from bytes, because a part cut out of a longer string would keep all of that in memory.
  return bytes.toString('latin1', start, start + 2 * INFO_HASH_BYTES).toLowerCase() as InfoHash;
}

function badLine(path: string, line: number, found: string): AccessFileError {
  const shown = JSON.stringify(found.trim().slice(0, 80));
  return new AccessFileError(
    'BAD_LINE',
    `${path}:${line}: a line starts with an info-hash of 40 or 64 hex digits, or with "#"; found ${shown}`,
  );
}
