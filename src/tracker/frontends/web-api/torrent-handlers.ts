import type { HttpBindings } from '@hono/node-server';
import type { Context, Handler } from 'hono';
import {
  type DetailedTorrent,
  MAX_PAGE,
  MAX_REGISTERED_METAINFO_BYTES,
  type TorrentList,
} from '../../../tracker-protocol/index.ts';
import { type InfoHash, parseInfoHash } from '../../../util/index.ts';
import type { Access } from '../../guard/access/index.ts';
import type { StoredSeeder } from '../../registry/catalog/index.ts';
import { charge } from './limit-requests.ts';
import { bearerToken, torrentParams, torrentQuery } from './parameters.ts';
import { invalid, ProblemError } from './problems.ts';
import { holderView, listedTorrentView } from './views.ts';
import type { HandlerOptions } from './web-api-options.ts';
import { checkContentType, clientAddressOfRequest, readQuery, trackerUrlOf } from './web-request.ts';

const METAINFO_TYPE = 'application/x-bittorrent';
/** Bytes of a metainfo that are sent at a time. */
const PIECE_BYTES = 64 * 1024;

/** Answers `GET /api/v1/torrents`. */
export function torrentPage(options: HandlerOptions): Handler {
  const { catalog } = options;
  return async (context) => {
    const { limit, after, ...query } = readQuery(context, torrentQuery);
    const { items, total, next, looked = items.length } = await catalog.find(query, { limit, after });
    charge(options, context, { entries: looked });
    const list: TorrentList = {
      torrents: items.map(listedTorrentView),
      total,
      ...(next !== undefined && { next }),
    };
    return context.json(list);
  };
}

/** Answers `GET /api/v1/torrents/{infoHash}`. */
export function getTorrent(options: HandlerOptions): Handler {
  const { catalog } = options;
  return async (context) => {
    const infoHash = infoHashOf(context);
    const [listing, holders] = await Promise.all([
      catalog.torrent(infoHash),
      catalog.holders(infoHash, MAX_PAGE),
    ]);
    if (listing === undefined) throw unknownTorrent(infoHash);
    charge(options, context, { entries: holders.length });
    const ordered = holders.toSorted((a, b) => rankOf(a) - rankOf(b));
    const detail: DetailedTorrent = { ...listedTorrentView(listing), heldBy: ordered.map(holderView) };
    return context.json(detail);
  };
}

/** Ranks a seeder: reachable ones come first and unreachable ones last, since clients try them in this order. */
function rankOf({ isReachable }: StoredSeeder): number {
  if (isReachable === undefined) return 1;
  return isReachable ? 0 : 2;
}

/**
 * Answers `GET /api/v1/torrents/{infoHash}.torrent`. The file names this tracker by the URL at which the client has reached it,
 * with the client's token as the passkey where one is needed: everybody who has that file announces in the client's name.
 * If the token is not for announcing, the file names no tracker.
 */
export function getMetainfo(options: HandlerOptions): Handler<{ Bindings: HttpBindings }> {
  const { catalog, access, clientAddresses, given } = options;
  return async (context) => {
    const infoHash = infoHashOf(context);
    const { ip } = clientAddressOfRequest(context, clientAddresses);
    const metainfo = await given.take(infoHash, ip, context.env.outgoing, () => catalog.metainfo(infoHash));
    if (metainfo === undefined) throw unknownTorrent(infoHash);
    charge(options, context, { bytes: metainfo.length });
    const origin = trackerUrlOf(context, clientAddresses);
    const path = announcePath(access, bearerToken(context));
    const isNamed = origin !== undefined && path !== undefined;
    const parts = isNamed ? withAnnounce(metainfo, origin + path) : [metainfo];
    return context.body(bodyOf(parts), 200, {
      'Content-Length': String(lengthOf(parts)),
      'Content-Type': METAINFO_TYPE,
      'Content-Disposition': `attachment; filename="${infoHash}.torrent"`,
    });
  };
}

/** Answers `PUT /api/v1/torrents/{infoHash}.torrent`. */
export function putMetainfo({ registry, clientAddresses, bodies }: HandlerOptions): Handler {
  return async (context) => {
    const infoHash = infoHashOf(context);
    const token = bearerToken(context);
    await registry.tokens.authenticateHolder(infoHash, token);
    checkContentType(context, METAINFO_TYPE);
    const clientAddress = clientAddressOfRequest(context, clientAddresses);
    return bodies.read(context, clientAddress.ip, MAX_REGISTERED_METAINFO_BYTES, async (body) => {
      await registry.upload(infoHash, token, body, clientAddress);
      return context.body(null, 204);
    });
  };
}

/** Finds the path at which a client with this token announces. @returns `undefined` when it may not announce */
function announcePath(access: Access, token: string | undefined): string | undefined {
  if (!access.isPrivate) return '/announce';
  return access.refusePasskey(token) === undefined ? `/${token}/announce` : undefined;
}

/** Adds `announce` to a metainfo. The catalog stores only `info` and `piece layers`, and keys are in alphabetical order. */
function withAnnounce(metainfo: Uint8Array, url: string): readonly Uint8Array[] {
  return [Buffer.from(`d8:announce${url.length}:${url}`), metainfo.subarray(1)];
}

/** Makes a response body. A large one is sent piece by piece, so that slow clients share one copy of the metainfo. */
function bodyOf(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> | ReadableStream {
  return lengthOf(parts) <= PIECE_BYTES ? Buffer.concat(parts) : ReadableStream.from(piecesOf(parts));
}

function* piecesOf(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.length; at += PIECE_BYTES) yield part.subarray(at, at + PIECE_BYTES);
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** Reads the info-hash of a path with `{infoHash}` or `{infoHash}.torrent`. */
function infoHashOf(context: Context): InfoHash {
  const infoHash = context.req.param('infoHash')!.replace(/\.torrent$/, '');
  const read = torrentParams.safeParse({ infoHash });
  if (!read.success) throw invalid('path', read.error.issues);
  return parseInfoHash(infoHash);
}

function unknownTorrent(infoHash: InfoHash): ProblemError {
  return new ProblemError(404, `No torrent ${infoHash} is registered, or its metainfo is missing`);
}
