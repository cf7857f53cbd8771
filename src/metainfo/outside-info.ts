import { type BencodeDictionary, type BencodeValue, bytesToText } from '../bencode/index.ts';
import { MetainfoError } from './errors.ts';
import { MAX_LISTED, MAX_TEXT_BYTES, MAX_TRACKERS } from './limits.ts';
import type { DhtNode, OutsideInfo } from './metainfo.ts';

/** The keys that {@link readOutsideInfo} reads. */
export const OUTSIDE_INFO_KEYS: ReadonlySet<string> = new Set([
  'announce',
  'announce-list',
  'comment',
  'comment.utf-8',
  'created by',
  'created by.utf-8',
  'creation date',
  'encoding',
  'httpseeds',
  'nodes',
  'publisher',
  'publisher-url',
  'publisher-url.utf-8',
  'publisher.utf-8',
  'url-list',
]);

/** The URLs of trackers that Shoal announces to. Those of WebTorrent's trackers (`ws:`) are kept only to be shown. */
const ANNOUNCED_TO = /^(?:https?|udp):\/\/[^/]/i;
const TRACKER = /^(?:https?|udp|wss?):\/\/[^/]/i;

/** Reads the keys outside of `info`. A value that cannot be read is left out. @throws {MetainfoError} `TOO_LARGE` */
export function readOutsideInfo(root: BencodeDictionary): OutsideInfo {
  const comment = textOf(root, 'comment');
  const createdBy = textOf(root, 'created by');
  const creationDate = dateOf(root.get('creation date'));
  const encoding = textOf(root, 'encoding');
  const publisher = textOf(root, 'publisher');
  const publisherUrl = textOf(root, 'publisher-url')?.trim();
  return {
    announceList: announceListOf(root),
    urlList: urlsOf(root.get('url-list')),
    httpSeeds: urlsOf(root.get('httpseeds')),
    nodes: nodesOf(root),
    ...(comment !== undefined && { comment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(creationDate !== undefined && { creationDate }),
    ...(encoding !== undefined && { encoding }),
    ...(publisher !== undefined && { publisher }),
    ...(publisherUrl !== undefined && { publisherUrl }),
  };
}

/** Reads the strings of a list, each once, the first {@link MAX_LISTED} of them. A string counts as a list of one. */
export function textsOf(value: BencodeValue | undefined): string[] {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  const texts = new Set<string>();
  for (const item of list) {
    if (texts.size === MAX_LISTED) break;
    if (isText(item)) texts.add(bytesToText(item));
  }
  return [...texts];
}

/**
 * Reads a text, from the key that ends in `.utf-8` if there is one. A text longer than {@link MAX_TEXT_BYTES} is cut to
 * that length.
 */
export function textOf(dictionary: BencodeDictionary, key: string): string | undefined {
  const bytes = dictionary.getBytes(`${key}.utf-8`) ?? dictionary.getBytes(key);
  return bytes && bytesToText(bytes.subarray(0, MAX_TEXT_BYTES));
}

function isText(value: BencodeValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= MAX_TEXT_BYTES;
}

/**
 * Finds the trackers that a torrent names and `announceList` leaves out: texts that are no URL of a known kind of tracker,
 * such as `ftp://tracker.example/`.
 *
 * @returns each once, at most {@link MAX_LISTED}
 */
export function otherTrackersOf(root: BencodeDictionary): string[] {
  const others = new Set<string>();
  for (const tier of [[root.getBytes('announce') ?? []], ...(root.getList('announce-list') ?? [])]) {
    for (const url of Array.isArray(tier) ? textsOf(tier).map((text) => text.trim()) : []) {
      if (others.size === MAX_LISTED) return [...others];
      if (url !== '' && !TRACKER.test(url)) others.add(url);
    }
  }
  return [...others];
}

/** Reads the tiers of trackers. @see BEP 12 */
function announceListOf(root: BencodeDictionary): string[][] {
  const tiers: string[][] = [];
  let count = 0;
  for (const tier of root.getList('announce-list') ?? []) {
    if (!Array.isArray(tier)) continue;
    const urls = trackersOf(tier);
    if (urls.length > 0) tiers.push(urls);
    count += urls.length;
    if (count > MAX_TRACKERS) {
      throw new MetainfoError(
        'TOO_LARGE',
        `Cannot use this torrent: it names more than ${MAX_TRACKERS} trackers`,
      );
    }
  }
  const isUsable = tiers.some((tier) => tier.some((url) => ANNOUNCED_TO.test(url)));
  const announce = trackersOf([root.getBytes('announce') ?? []]);
  return isUsable || announce.length === 0 || tiers.flat().includes(announce[0]!)
    ? tiers
    : [...tiers, announce];
}

function trackersOf(tier: readonly BencodeValue[]): string[] {
  const urls: string[] = [];
  for (const item of tier) {
    const url = isText(item) ? bytesToText(item).trim() : '';
    if (TRACKER.test(url)) urls.push(url);
  }
  return urls;
}

function urlsOf(value: BencodeValue | undefined): string[] {
  const urls = textsOf(value).map((url) => url.trim());
  return [...new Set(urls)].filter((url) => url !== '');
}

function nodesOf(root: BencodeDictionary): DhtNode[] {
  const nodes: DhtNode[] = [];
  for (const node of root.getList('nodes') ?? []) {
    if (nodes.length === MAX_LISTED) break;
    const [host, port] = Array.isArray(node) ? node : [];
    if (!isText(host) || typeof port !== 'number' || port < 1 || port > 65_535) continue;
    nodes.push({ host: bytesToText(host).trim(), port });
  }
  return nodes;
}

/** Reads a date in seconds since 1970, which some programs write as a string of digits. */
function dateOf(value: BencodeValue | undefined): number | undefined {
  if (typeof value === 'number') return value < 0 ? undefined : value;
  const text = value instanceof Uint8Array ? bytesToText(value.subarray(0, 20)).trim() : '';
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}
