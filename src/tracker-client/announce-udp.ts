import { lookup } from 'node:dns/promises';
import { ipOfHost } from '../net/index.ts';
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
import { type Address, canonicalIp, type InfoHash, pause, toError } from '../util/index.ts';
import { withinDeadline } from './deadline.ts';
import type { CallOptions } from './http-request.ts';
import { printableUrl } from './printable-url.ts';
import { TrackerCallError, unreachable } from './tracker-call-error.ts';
import { systemTrackerPorts } from './tracker-ports.ts';
import { TrackerReach } from './tracker-reach.ts';
import { type ResponseTo, type UdpCall, UdpConversation } from './udp-conversation.ts';

/**
 * The default milliseconds for a whole announce or scrape over UDP. A request is sent four times within them.
 */
export const UDP_ANNOUNCE_TIMEOUT_MS = 30_000;
/** The most addresses of a tracker's name that are tried. */
export const MAX_TRACKER_ADDRESSES = 8;
/** The milliseconds after which the next addresses of a tracker's name are tried beside the first. @see RFC 8305 */
const NEXT_ADDRESSES_MS = 1000;
/** The number of times that a request is sent with a remembered connection id before a new one is asked for. */
const SENDS_WITH_REMEMBERED_ID = 2;

/**
 * Announces once to a tracker over UDP. The path and query of its URL are sent as URL data.
 *
 * @param announceUrl `udp://host:port…`
 * @throws {TrackerCallError} `UNSUPPORTED`, `UNREACHABLE`, `TIMED_OUT`, `ABORTED`, `BAD_RESPONSE`, `FAILURE`
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

/** Asks a tracker over UDP for the counts of swarms. @throws {TrackerCallError} as {@link announceOverUdp} @see BEP 15 */
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

/** A function that writes a request. Announces use `urlData`. */
type Encode = (head: UdpRequestHead, urlData: string) => Uint8Array;
type Ask = <Action extends 'announce' | 'scrape'>(
  action: Action,
  encode: Encode,
) => Promise<ResponseTo<Action>>;

async function converse<Result>(
  announceUrl: string,
  { signal, timeoutMs = UDP_ANNOUNCE_TIMEOUT_MS, trust, ports = systemTrackerPorts }: CallOptions,
  work: (ask: Ask) => Promise<Result>,
): Promise<Result> {
  const url = printableUrl(announceUrl);
  const parsed = new URL(announceUrl);
  const { hostname, port, pathname, search } = parsed;
  if (port === '')
    throw new TrackerCallError('UNSUPPORTED', `Cannot use the tracker ${url}: it names no port`);
  const what = `Ask ${url}`;
  return withinDeadline(what, { timeoutMs, clock: ports.clock, signal }, async (signal) => {
    const found = await resolve(hostname, Number(port), what, signal);
    const addresses = new TrackerReach(trust).allowed(found, parsed, what);
    using conversation = await connect(addresses, { what, signal, ports });
    return await work((action, encode) => askConnected(conversation, action, encode, `${pathname}${search}`));
  });
}

/**
 * Sends a request with a remembered connection id, if there is one. When the tracker refuses it or does not answer, for
 * example because it was restarted, the request is sent again with a new connection id.
 */
async function askConnected<Action extends 'announce' | 'scrape'>(
  conversation: UdpConversation,
  action: Action,
  encode: Encode,
  urlData: string,
): Promise<ResponseTo<Action>> {
  const ask = (connectionId: Uint8Array, sends?: number): Promise<ResponseTo<Action>> =>
    conversation.ask(action, (transactionId) => encode({ connectionId, transactionId }, urlData), sends);
  const { clock, connectionIds } = conversation.ports;
  const remembered = connectionIds.get(conversation.address, clock.now());
  if (remembered === undefined) return ask(await requestId(conversation));
  try {
    return await ask(remembered, SENDS_WITH_REMEMBERED_ID);
  } catch (thrown) {
    connectionIds.delete(conversation.address);
    const mayBeOld =
      thrown instanceof TrackerCallError && (thrown.code === 'FAILURE' || thrown.code === 'TIMED_OUT');
    if (!mayBeOld) throw thrown;
    return ask(await requestId(conversation));
  }
}

async function requestId(conversation: UdpConversation): Promise<Uint8Array> {
  const { connectionId } = await conversation.ask('connect', encodeUdpConnect);
  const { clock, connectionIds } = conversation.ports;
  connectionIds.set(conversation.address, connectionId, clock.now());
  return connectionId;
}

/** Opens a conversation with the address that has a remembered connection id, or else with the first that answers. */
async function connect(addresses: readonly Address[], call: UdpCall): Promise<UdpConversation> {
  const { clock, connectionIds } = call.ports;
  const now = clock.now();
  const known = addresses.find((address) => connectionIds.get(address, now) !== undefined);
  if (known !== undefined) return UdpConversation.open(known, call);
  const racers = addresses.map((address, at) => {
    const lost = new AbortController();
    // Two addresses start at once: the first of each family.
    const delayMs = Math.floor(at / 2) * NEXT_ADDRESSES_MS;
    const signal = AbortSignal.any([call.signal, lost.signal]);
    const conversation = openConnected(address, { ...call, signal }, delayMs);
    return { lost, conversation };
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

async function openConnected(address: Address, call: UdpCall, delayMs: number): Promise<UdpConversation> {
  if (delayMs > 0) await pause(call.ports.clock, delayMs, call.signal);
  const conversation = await UdpConversation.open(address, call);
  try {
    await requestId(conversation);
    return conversation;
  } catch (thrown) {
    conversation[Symbol.dispose]();
    throw thrown;
  }
}

/** Looks up a name. @returns its addresses, alternately IPv4 and IPv6 */
async function resolve(
  hostname: string,
  port: number,
  what: string,
  signal: AbortSignal,
): Promise<Address[]> {
  const host = ipOfHost(hostname);
  if (host !== undefined) return [{ host, port }];
  const given = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(toError(signal.reason)), { once: true });
  });
  try {
    const found = await Promise.race([lookup(hostname, { all: true }), given]);
    const ofFamily = (family: 4 | 6) => found.filter((entry) => entry.family === family);
    const [ipv4, ipv6] = [ofFamily(4), ofFamily(6)];
    return found
      .flatMap((_, at) => [ipv4[at], ipv6[at]])
      .flatMap((entry) => canonicalIp(entry?.address ?? '') ?? [])
      .map((host) => ({ host, port }))
      .slice(0, MAX_TRACKER_ADDRESSES);
  } catch (thrown) {
    throw unreachable(what, toError(thrown));
  }
}
