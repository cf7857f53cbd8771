import { NetworkError } from '../net/index.ts';
import { WireError } from '../wire/index.ts';
import { HandshakeError } from './handshaking.ts';
import type { PeerSourceKind } from './peer-source.ts';

/**
 * How an attempt to connect to a peer, or a connection, ended.
 *
 * - `timedOut` no connection came about in time
 * - `refused` nobody listens there
 * - `unreachable` the network says that there is no way to it
 * - `noHandshake` it connected and then closed, or sent no BitTorrent handshake in time: it may not have the torrent
 * - `unwanted` this client itself, a banned peer, a second connection to the same one, or another torrent's
 * - `closed` the peer closed the connection
 * - `lost` the connection broke
 * - `silent` it sent nothing, not even a keep-alive, for too long
 * - `tookNothing` it took nothing of what was sent for too long, or did not end a message that it began
 * - `brokeProtocol` it sent what the protocol does not allow
 * - `sentWrongData` it sent a block that is not what belongs there, and is banned
 * - `dismissed` neither end wanted anything of the other, or its place was needed
 */
export type PeerEnd =
  | 'timedOut'
  | 'refused'
  | 'unreachable'
  | 'noHandshake'
  | 'unwanted'
  | 'closed'
  | 'lost'
  | 'silent'
  | 'tookNothing'
  | 'brokeProtocol'
  | 'sentWrongData'
  | 'dismissed';

/** How each {@link PeerEnd} is told to people, after a number or a name: `9 timed out`. */
export const PEER_END_WORDS: Readonly<Record<PeerEnd, string>> = {
  timedOut: 'timed out',
  refused: 'refused',
  unreachable: 'not reachable',
  noHandshake: 'did not answer the handshake',
  unwanted: 'not wanted',
  closed: 'closed the connection',
  lost: 'lost',
  silent: 'silent',
  tookNothing: 'took nothing that was sent',
  brokeProtocol: 'broke the protocol',
  sentWrongData: 'sent wrong data',
  dismissed: 'of no use',
};

/** What became of the peers of a torrent. */
export interface PeerSummary {
  /** Addresses heard of, also those that are never dialed again. */
  readonly known: number;
  /** How many of them were heard of from each source first. */
  readonly sources: Readonly<Partial<Record<PeerSourceKind, number>>>;
  readonly connected: number;
  /** Connections being opened. */
  readonly dialing: number;
  /**
   * How many ended in which way: by how the last attempt or connection ended for each known address that is not
   * connected, and by every connection that came to us.
   */
  readonly ended: Readonly<Partial<Record<PeerEnd, number>>>;
}

/** Tells how an attempt to connect, or to shake hands, ended. */
export function endOfAttempt(error: Error): PeerEnd {
  if (error instanceof HandshakeError) return error.code === 'REFUSED' ? 'unwanted' : 'noHandshake';
  if (!(error instanceof NetworkError)) return 'noHandshake';
  if (error.code === 'ABORTED') return 'timedOut';
  const code = error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ETIMEDOUT' ? 'timedOut' : 'unreachable';
}

/** Tells how a connection ended that the peer, or its network, ended. @param error absent when it was closed in good order */
export function endOfConnection(error: Error | undefined): PeerEnd {
  if (error === undefined) return 'closed';
  if (!(error instanceof WireError)) return 'lost';
  return error.code === 'PEER_SILENT' ? 'silent' : 'brokeProtocol';
}
