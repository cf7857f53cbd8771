import { lookup } from 'node:dns/promises';
import {
  type AnnounceRequest,
  type AnnounceResponse,
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  MAX_UDP_SCRAPE_INFO_HASHES,
  type ScrapeEntry,
  type ScrapeRequest,
  type ScrapeResponse,
  type UdpRequestHead,
} from '../tracker-protocol/index.ts';
import { type Address, canonicalIp, type InfoHash, systemClock, toError } from '../util/index.ts';
import { ConnectionIdCache } from './connection-id-cache.ts';
import { withinDeadline } from './deadline.ts';
import type { CallOptions } from './http-request.ts';
import { printableUrl } from './printable-url.ts';
import { TrackerError } from './tracker-error.ts';
import { type Answer, UdpConversation } from './udp-conversation.ts';

/** Milliseconds for a whole announce or scrape over UDP, unless the caller says otherwise: one lost packet is made up for. */
export const UDP_ANNOUNCE_TIMEOUT_MS = 30_000;

/** Of all torrents together: they share their trackers. */
const connectionIds = new ConnectionIdCache();

/**
 * Announces once to a tracker over UDP. Path and query of its URL go along as URL data.
 *
 * @param announceUrl `udp://host:port…`
 * @throws {TrackerError} `UNSUPPORTED`, `UNREACHABLE`, `TIMED_OUT`, `ABORTED`, `BAD_RESPONSE`, `FAILURE`
 * @see BEP 15, BEP 41
 */
export function announceOverUdp(
  announceUrl: string,
  request: AnnounceRequest,
  options: CallOptions,
): Promise<AnnounceResponse> {
  return converse(announceUrl, options, async (ask) => {
    const { response } = await ask('announce', (head, urlData) => encodeUdpAnnounce(head, request, urlData));
    return response;
  });
}

/** Asks a tracker over UDP for the counts of swarms. @throws {TrackerError} as {@link announceOverUdp} @see BEP 15 */
export function scrapeOverUdp(
  announceUrl: string,
  { infoHashes }: ScrapeRequest,
  options: CallOptions,
): Promise<ScrapeResponse> {
  return converse(announceUrl, options, async (ask) => {
    const files = new Map<InfoHash, ScrapeEntry>();
    for (let at = 0; at < infoHashes.length; at += MAX_UDP_SCRAPE_INFO_HASHES) {
      const some = infoHashes.slice(at, at + MAX_UDP_SCRAPE_INFO_HASHES);
      const { entries } = await ask('scrape', (head) => encodeUdpScrape(head, { infoHashes: some }));
      for (const [index, entry] of entries.slice(0, some.length).entries()) files.set(some[index]!, entry);
    }
    return { files };
  });
}

/** Writes a request; `urlData` is for announces. */
type Encode = (head: UdpRequestHead, urlData: string) => Uint8Array;
type Ask = <Action extends 'announce' | 'scrape'>(action: Action, encode: Encode) => Promise<Answer<Action>>;

async function converse<Result>(
  announceUrl: string,
  { signal, timeoutMs = UDP_ANNOUNCE_TIMEOUT_MS }: CallOptions,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const url = printableUrl(announceUrl);
  const { hostname, port, pathname, search } = new URL(announceUrl);
  if (port === '') throw new TrackerError('UNSUPPORTED', `Cannot use the tracker ${url}: it names no port`);
  const what = `Ask ${url}`;
  return withinDeadline(what, timeoutMs, signal, async (signal) => {
    const addresses = await resolve(hostname, Number(port), what, signal);
    using conversation = await connect(addresses, what, signal);
    return await work((action, encode) => askConnected(conversation, action, encode, `${pathname}${search}`));
  });
}

/**
 * Asks with the connection id that is remembered, if there is one. When that is refused, perhaps for the tracker was
 * started anew, asks again with a new one.
 */
async function askConnected<Action extends 'announce' | 'scrape'>(
  conversation: UdpConversation,
  action: Action,
  encode: Encode,
  urlData: string,
): Promise<Answer<Action>> {
  const ask = (connectionId: Uint8Array): Promise<Answer<Action>> =>
    conversation.ask(action, (transactionId) => encode({ connectionId, transactionId }, urlData));
  const remembered = connectionIds.get(conversation.address, systemClock.now());
  if (remembered === undefined) return ask(await requestId(conversation));
  try {
    return await ask(remembered);
  } catch (thrown) {
    connectionIds.delete(conversation.address);
    if (!(thrown instanceof TrackerError) || thrown.code !== 'FAILURE') throw thrown;
    return ask(await requestId(conversation));
  }
}

async function requestId(conversation: UdpConversation): Promise<Uint8Array> {
  const { connectionId } = await conversation.ask('connect', encodeUdpConnect);
  connectionIds.set(conversation.address, connectionId, systemClock.now());
  return connectionId;
}

/** Opens a conversation with the address whose connection id is remembered, or else with the one that answers first. */
async function connect(
  addresses: readonly Address[],
  what: string,
  signal: AbortSignal,
): Promise<UdpConversation> {
  const now = systemClock.now();
  const known = addresses.find((address) => connectionIds.get(address, now) !== undefined);
  if (known !== undefined) return UdpConversation.open(known, what, signal);
  const racers = addresses.map((address) => {
    const lost = new AbortController();
    return { lost, conversation: openConnected(address, what, AbortSignal.any([signal, lost.signal])) };
  });
  try {
    const first = await Promise.any(
      racers.map(async (racer) => ({ racer, conversation: await racer.conversation })),
    );
    for (const racer of racers) if (racer !== first.racer) racer.lost.abort();
    return first.conversation;
  } catch (thrown) {
    throw (thrown as AggregateError).errors[0];
  }
}

async function openConnected(address: Address, what: string, signal: AbortSignal): Promise<UdpConversation> {
  const conversation = await UdpConversation.open(address, what, signal);
  try {
    await requestId(conversation);
    return conversation;
  } catch (thrown) {
    conversation[Symbol.dispose]();
    throw thrown;
  }
}

/** @returns one address of each family that the name has */
async function resolve(
  hostname: string,
  port: number,
  what: string,
  signal: AbortSignal,
): Promise<Address[]> {
  const host = canonicalIp(hostname.replace(/^\[(.*)\]$/, '$1'));
  if (host !== undefined) return [{ host, port }];
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(toError(signal.reason)), { once: true });
  });
  try {
    const found = await Promise.race([lookup(hostname, { all: true }), given]);
    return [4, 6].flatMap((family) => {
      const first = found.find((entry) => entry.family === family);
      return first === undefined ? [] : [{ host: canonicalIp(first.address)!, port }];
    });
  } catch (thrown) {
    throw new TrackerError('UNREACHABLE', `${what}: ${toError(thrown).message}`, { cause: thrown });
  }
}
