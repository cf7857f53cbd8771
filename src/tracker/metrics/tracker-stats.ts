import { z } from 'zod';
import { TRANSPORTS } from './transport-counters.ts';

/** Why something was turned away, each with the limit or the rule behind it in docs/metrics.md. */
export const REFUSAL_REASONS = [
  'requests_per_address',
  'unproven_per_address',
  'unpriced_per_address',
  'connection_rate',
  'connections_per_address',
  'held_bytes',
  'connections',
  'ws_connections',
  'timeout',
  'swarm_evicted',
  'peer_unrecorded',
  'peer_replaced',
  'not_allowed',
  'denied',
  'no_passkey',
  'bad_passkey',
  'no_token',
  'bad_token',
  'seeder_checks',
] as const;

const count = z.number();

const transportSchema = z.object({
  /** Connection ids over UDP, connections over WebSocket. */
  connects: count,
  announces: count,
  scrapes: count,
  malformed: count,
  refused: count,
  failed: count,
  stale: count,
  ignored: count,
  lost: count,
  /** Of one request in 16: seconds in all, and how many took up to each of `seconds`; the last is all. */
  latency: z.object({ sum: count, classes: z.array(z.object({ seconds: z.number().nullable(), count })) }),
});

/** Peers that meet over WebRTC, and only there: they are in swarms of their own. */
const webTorrentSchema = z.object({
  connections: count,
  swarms: count,
  /** In all those swarms. */
  peers: count,
  /** Offers and answers of peers that were handed on to others. */
  offers: count,
  answers: count,
  /** Answers to who is no peer of the swarm any more, or from who is none. */
  answersDropped: count,
  /** Connections that were ended as the peer did not read, was silent, or sent too many messages. */
  cut: count,
});

/** Calls to a store on another machine. */
const storeCallsSchema = z.object({
  /** For an answer, now. */
  waiting: count,
  /** Those that had none, or another than they should have. */
  failed: count,
});

/** `GET /api/v1/stats`: counts since the tracker started, but for what it knows and has open now. */
export const trackerStatsSchema = z.object({
  /** Of Shoal, and of Node.js. */
  version: z.string(),
  node: z.string(),
  startedAt: z.string(),
  /** Seconds. */
  uptime: z.number(),
  isDraining: z.boolean(),
  /** Whether the store of swarms and seeders answers; while it does not, nobody knows how many there are. */
  isStoreUp: z.boolean(),
  storeCalls: storeCallsSchema,
  /** Registered ones. */
  seeders: count.nullable(),
  swarms: count.nullable(),
  /** In all swarms, registered seeders among them. */
  peers: count.nullable(),
  /** Open ones over TCP. */
  connections: count,
  webTorrent: webTorrentSchema,
  transports: z.record(z.enum(TRANSPORTS), transportSchema),
  /** Problems that the web API has answered, by their status. */
  webProblems: z.record(z.string(), count),
  /** How often someone was turned away, by reason. */
  refusals: z.record(z.enum(REFUSAL_REASONS), count),
  /** How often something that was written down was found damaged, and left out. */
  damages: count,
});
export type TrackerStats = z.infer<typeof trackerStatsSchema>;
export type StoreCalls = TrackerStats['storeCalls'];
export type WebTorrentStats = TrackerStats['webTorrent'];
export type TransportStats = z.infer<typeof transportSchema>;
export type Refusals = TrackerStats['refusals'];
