import { setImmediate } from 'node:timers/promises';
import { INFO_HASH_BYTES, type InfoHash } from '../../../util/index.ts';
import { AccessFileError } from './access-file-error.ts';
import { readAccessFile } from './read-access-file.ts';

/** Bytes of a file that lists info-hashes. */
export const MAX_LIST_BYTES = 256 * 1024 * 1024;
/** Info-hashes in it. */
export const MAX_LIST_ENTRIES = 1_000_000;

/** Lines that are read before announces get their turn: some milliseconds. */
const LINES_IN_A_STEP = 10_000;
const NEWLINE = 0x0a;
const HASH = 0x23;
/** Those of the longest info-hash, and one by which it shows where it ends. */
const HEAD_CHARACTERS = 65;
const HEAD = /^[0-9a-f]{40}(?:[0-9a-f]{24})?(?:[\s,;]|$)/i;

/**
 * Reads a list of info-hashes: one a line, with a name behind it or not, in 40 hex digits, or in the 64 of a v2
 * info-hash, which stands for its first 40, as peers and trackers use it. What is behind `#` at the start of a line is a
 * comment. Lines may end with CRLF.
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

/** @returns `undefined`: the line names none; `null`: it is malformed */
function readLine(bytes: Buffer, start: number, end: number): InfoHash | undefined | null {
  if (bytes[start] === HASH) return undefined;
  const head = bytes.toString('latin1', start, Math.min(end, start + HEAD_CHARACTERS));
  if (!HEAD.test(head)) return /^\s*$/.test(bytes.toString('latin1', start, end)) ? undefined : null;
  // A string of its own: what is cut out of a longer one holds on to all of that.
  return bytes.toString('latin1', start, start + 2 * INFO_HASH_BYTES).toLowerCase() as InfoHash;
}

function badLine(path: string, line: number, found: string): AccessFileError {
  const shown = JSON.stringify(found.trim().slice(0, 80));
  return new AccessFileError(
    'BAD_LINE',
    `${path}:${line}: a line starts with an info-hash of 40 or 64 hex digits, or with "#"; found ${shown}`,
  );
}
