import { BencodeDictionary } from '../bencode/index.ts';
import { INFO_HASH_BYTES, type InfoHash, infoHashFromBytes, infoHashToBytes } from '../util/index.ts';
import type { TrackerFailure } from './announce.ts';
import { INFO_HASH } from './announce-keys.ts';
import { BencodeWriter } from './bencode-writer.ts';
import { escapeBytes, isAt, QueryPairs, TrackerRequestError, unescape20Bytes } from './query.ts';
import type { ResponseMemory } from './response-memory.ts';
import type { ScrapeEntry, ScrapeRequest, ScrapeResponse } from './scrape.ts';
import { decodeTrackerResponse, readCount, TrackerResponseError } from './tracker-response.ts';

/**
 * The most info-hashes in one scrape. They are more than the 74 of a UDP scrape, so that a client may use one number for
 * both.
 */
export const MAX_SCRAPE_INFO_HASHES = 100;
/** The most bytes of a scrape response that a client reads. */
export const MAX_SCRAPE_RESPONSE_BYTES = 1024 * 1024;

/** The most bytes of an entry: the info-hash, keys, four integers. */
const ENTRY_BYTES = 160;

/**
 * Makes the URL by which a tracker is scraped.
 *
 * @returns the URL; `undefined` when the last part of the path does not start with `announce`: such a tracker takes no
 * scrape
 * @see BEP 48
 */
export function scrapeUrl(announceUrl: string): string | undefined {
  const [url, query] = splitOnce(announceUrl, '?');
  const at = url.lastIndexOf('/') + 1;
  if (!url.startsWith('announce', at)) return undefined;
  return `${url.slice(0, at)}scrape${url.slice(at + 'announce'.length)}${query}`;
}

/** Writes a scrape as the query of a URL, without the `?`. @see BEP 48 */
export function encodeScrapeQuery({ infoHashes }: ScrapeRequest): string {
  return infoHashes.map((infoHash) => `info_hash=${escapeBytes(infoHashToBytes(infoHash))}`).join('&');
}

/**
 * Reads the query of a scrape. A scrape without an `info_hash` would be of all swarms and is refused.
 *
 * @param query the part of the URL after `?`, still escaped
 * @throws {TrackerRequestError}
 * @see BEP 48
 */
export function parseScrapeQuery(query: Uint8Array): ScrapeRequest {
  const infoHashes = new Set<InfoHash>();
  const infoHash = new Uint8Array(INFO_HASH_BYTES);
  for (const pairs = new QueryPairs(query); pairs.next(); ) {
    if (!isAt(query, pairs.keyStart, pairs.keyEnd, INFO_HASH.bytes)) continue;
    unescape20Bytes(INFO_HASH.name, query, pairs.start, pairs.end, infoHash);
    infoHashes.add(infoHashFromBytes(infoHash));
    if (infoHashes.size > MAX_SCRAPE_INFO_HASHES) {
      throw new TrackerRequestError(
        'TOO_MANY_INFO_HASHES',
        `A scrape takes at most ${MAX_SCRAPE_INFO_HASHES} info_hash, found more`,
      );
    }
  }
  if (infoHashes.size === 0)
    throw new TrackerRequestError('MISSING_KEY', 'A scrape needs info_hash, found none');
  return { infoHashes: [...infoHashes] };
}

/**
 * Writes a scrape response.
 *
 * @param memory the memory for the response, by default its own
 * @returns the response behind the memory's room
 * @see BEP 48, BEP 21
 */
export function encodeScrapeResponse({ files }: ScrapeResponse, memory?: ResponseMemory): Uint8Array {
  const writer = new BencodeWriter(16 + files.size * ENTRY_BYTES, memory);
  writer.literal(SCRAPE_START);
  // Hex digits have the same order as the bytes that they stand for.
  for (const infoHash of [...files.keys()].sort()) {
    writeEntry(writer, infoHashToBytes(infoHash), files.get(infoHash)!);
  }
  writer.literal(SCRAPE_END);
  return writer.finish();
}

/** The bytes before the entries of a scrape response that is written in parts. {@link SCRAPE_END} follows them. */
export const SCRAPE_START = 'd5:filesd';
export const SCRAPE_END = 'ee';

/** An entry with its info-hash. */
export interface NamedScrapeEntry extends ScrapeEntry {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
}

/** Writes entries of a scrape response that is written in parts. The caller gives them in the order of their info-hashes. */
export function encodeScrapeEntries(entries: readonly NamedScrapeEntry[]): Uint8Array {
  const writer = new BencodeWriter(entries.length * ENTRY_BYTES);
  for (const entry of entries) writeEntry(writer, entry.infoHash, entry);
  return writer.finish();
}

function writeEntry(writer: BencodeWriter, infoHash: Uint8Array, entry: ScrapeEntry): void {
  writer.string(infoHash);
  writer.entry('d8:complete', entry.complete);
  writer.entry('10:downloaded', entry.downloaded);
  if (entry.downloaders !== undefined) writer.entry('11:downloaders', entry.downloaders);
  writer.entry('10:incomplete', entry.incomplete);
  writer.literal('e');
}

/**
 * Reads the response of a tracker to a scrape. A number that is missing or negative is read as 0, and a malformed entry is
 * left out.
 *
 * @param body at most {@link MAX_SCRAPE_RESPONSE_BYTES}
 * @throws {TrackerResponseError}
 * @see BEP 48
 */
export function decodeScrapeResponse(body: Uint8Array): ScrapeResponse | TrackerFailure {
  const answer = decodeTrackerResponse(body, MAX_SCRAPE_RESPONSE_BYTES);
  if (!(answer instanceof BencodeDictionary)) return answer;
  const dictionary = answer.getDictionary('files');
  if (dictionary === undefined) {
    throw new TrackerResponseError('NOT_A_RESPONSE', 'Cannot read the scrape response: found no files');
  }
  const files = new Map<InfoHash, ScrapeEntry>();
  for (const [key, entry] of dictionary) {
    if (key.length !== INFO_HASH_BYTES || !(entry instanceof BencodeDictionary)) continue;
    files.set(infoHashFromBytes(Buffer.from(key, 'latin1')), readEntry(entry));
  }
  return { files };
}

function readEntry(entry: BencodeDictionary): ScrapeEntry {
  const count = (key: string): number => readCount(entry, key) ?? 0;
  return {
    complete: count('complete'),
    incomplete: count('incomplete'),
    downloaded: count('downloaded'),
    ...(entry.has('downloaders') && { downloaders: count('downloaders') }),
  };
}

/** Splits a text before `mark`. */
function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}
