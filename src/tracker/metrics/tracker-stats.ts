import { z } from 'zod';
import { REFUSAL_REASONS } from './refusal-reasons.ts';
import { TRANSPORTS } from './transport-counters.ts';

const count = z.number();

const transportSchema = z.object({
  /** The connection ids given over UDP, and the connections over WebSocket. */
  connects: count,
  announces: count,
  scrapes: count,
  malformed: count,
  refused: count,
  failed: count,
  stale: count,
  ignored: count,
  lost: count,
  /**
   * The times of one request in 16: their sum in seconds, and the number of requests that took up to each of `seconds`; the
   * last counts all.
   */
  latency: z.object({ sum: count, classes: z.array(z.object({ seconds: z.number().nullable(), count })) }),
});

/** The peers that meet over WebRTC only, which are in swarms of their own. */
const webTorrentSchema = z.object({
  connections: count,
  swarms: count,
  /** The number of peers in all those swarms. */
  peers: count,
  /** The offers of WebRTC that were handed on to other peers. */
  offers: count,
  answers: count,
  /** The answers of WebRTC that were dropped because one of the two is no peer of the swarm, or no longer. */
  answersDropped: count,
  /** The connections that were closed because the peer did not read, was silent, or sent too many messages. */
  cut: count,
});

/** The calls to a store on another machine. */
const storeCallsSchema = z.object({
  /** The calls that wait for a response now. */
  waiting: count,
  /** The calls that got no response, or a wrong one. */
  failed: count,
});

/**
 * The response of `GET /api/v1/stats`: counts since the tracker started, and the numbers of things that it knows or has open
 * now.
 */
export const trackerStatsSchema = z.object({
  /** The versions of Shoal and of Node.js. */
  version: z.string(),
  node: z.string(),
  startedAt: z.string(),
  /** Seconds. */
  uptime: z.number(),
  isDraining: z.boolean(),
  /** Whether the store of swarms and seeders answers; while it does not, their numbers are `null`. */
  isStoreUp: z.boolean(),
  storeCalls: storeCallsSchema,
  /** The number of registered seeders. */
  seeders: count.nullable(),
  swarms: count.nullable(),
  /** The number of peers in all swarms, registered seeders included. */
  peers: count.nullable(),
  /** The number of open connections over TCP. */
  connections: count,
  webTorrent: webTorrentSchema,
  transports: z.record(z.enum(TRANSPORTS), transportSchema),
  /** The number of problems in responses of the web API, by their status. */
  webProblems: z.record(z.string(), count),
  /** The number of requests and connections that were turned away, by reason. */
  refusals: z.record(z.enum(REFUSAL_REASONS), count),
  /** The number of times that a part of the stored state was found damaged and left out. */
  damages: count,
});
export type TrackerStats = z.infer<typeof trackerStatsSchema>;
export type StoreCalls = TrackerStats['storeCalls'];
export type WebTorrentStats = TrackerStats['webTorrent'];
export type TransportStats = z.infer<typeof transportSchema>;
export type Refusals = TrackerStats['refusals'];
