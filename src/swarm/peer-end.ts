import { NetworkError } from '../net/index.ts';
import { WireError } from '../wire/index.ts';
import { HandshakeError } from './handshaking.ts';
import type { PeerSourceKind } from './peer-source-kind.ts';

/**
 * The way in which a connection to a peer, or an attempt to connect to one, ended.
 *
 * - `timedOut` the connection was not opened in time
 * - `refused` the machine refused the connection, because no program listens at this port
 * - `unreachable` the network has no way to the address
 * - `noHandshake` the peer sent no whole handshake in time, or closed the connection before: it may not have the torrent
 * - `unwanted` the peer was this client itself, banned, connected already, or in another torrent
 * - `closed` the peer closed the connection
 * - `lost` the connection broke
 * - `silent` the peer sent nothing, not even a keep-alive, for too long
 * - `tookNothing` the peer took none of the bytes that were sent for too long, or did not end a message that it began
 * - `brokeProtocol` the peer sent what the protocol does not allow
 * - `sentWrongData` the peer sent a block with wrong bytes, and is banned
 * - `dismissed` neither end wanted anything of the other, or another connection needed the slot
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

/** The words for each {@link PeerEnd} that people read after a number or a name: `9 timed out`. */
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

/** A summary of what became of the peers of a torrent. */
export interface PeerSummary {
  /** The number of addresses that were heard of, with those that are never dialed again. */
  readonly known: number;
  /** The numbers of these addresses by the kind of source that named them first. */
  readonly sources: Readonly<Partial<Record<PeerSourceKind, number>>>;
  /** The number of connected peers. */
  readonly connected: number;
  /** The number of connections that are being opened. */
  readonly dialing: number;
  /**
   * The numbers of ends of each kind. The last end counts of each known address that is not connected, and the end of
   * every connection that came to us.
   */
  readonly ended: Readonly<Partial<Record<PeerEnd, number>>>;
}

/** Returns the way in which an attempt to connect, or to exchange handshakes, failed. */
export function endOfAttempt(error: Error): PeerEnd {
  if (error instanceof HandshakeError) return error.code === 'REFUSED' ? 'unwanted' : 'noHandshake';
  if (!(error instanceof NetworkError)) return 'noHandshake';
  if (error.code === 'ABORTED') return 'timedOut';
  const code = error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
  if (code === 'ECONNREFUSED') return 'refused';
  return code === 'ETIMEDOUT' ? 'timedOut' : 'unreachable';
}

/** Returns the way in which the peer, or the network, ended a connection. @param error `undefined` when it ended in good order */
export function endOfConnection(error: Error | undefined): PeerEnd {
  if (error === undefined) return 'closed';
  if (!(error instanceof WireError)) return 'lost';
  return error.code === 'PEER_SILENT' ? 'silent' : 'brokeProtocol';
}
