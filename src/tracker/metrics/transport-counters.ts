import type { TrackerFailure } from '../../tracker-protocol/index.ts';
import type { Clock } from '../../util/index.ts';
import { STORE_AWAY } from '../core/index.ts';
import { LatencyHistogram } from './latency-histogram.ts';

export const TRANSPORTS = ['http', 'udp', 'ws'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/**
 * What came over one transport since the tracker started, and what became of it. Plain numbers, raised where it happens:
 * they cost nothing, and whoever wants to know adds them up.
 */
export class TransportCounters {
  /** Requests for a connection id, over UDP; connections taken over, over WebSocket. */
  connects = 0;
  announces = 0;
  scrapes = 0;
  /** Requests that could not be read, and were answered so. */
  malformed = 0;
  /** Announces and scrapes that a rule or a limit forbids; over HTTP and WebSocket they were answered so. */
  refused = 0;
  /** Requests that the tracker failed to answer: a defect, or a store that is away. */
  failed = 0;
  /** Requests with a connection id that is none, or too old. */
  stale = 0;
  /** What was no request, and was not answered. */
  ignored = 0;
  /** Answers that could not be sent. */
  lost = 0;
  /** Connections turned away, since there were as many as there may be. */
  turnedAway = 0;
  /** Connections ended since they took too long. */
  timedOut = 0;
  readonly latency: LatencyHistogram;

  constructor(clock: Clock) {
    this.latency = new LatencyHistogram(clock);
  }

  /** Counts what the tracker's logic does not grant, or cannot. */
  countFailure(failure: TrackerFailure): void {
    if (failure === STORE_AWAY) this.failed += 1;
    else this.refused += 1;
  }
}

/** The counters of a tracker. */
export interface TrackerCounters extends Readonly<Record<Transport, TransportCounters>> {
  /** Problems that the web API has answered, by their status. */
  readonly webProblems: Record<number, number>;
  /** How often something that was written down was found damaged. */
  damages: number;
}

export function createCounters(clock: Clock): TrackerCounters {
  return {
    http: new TransportCounters(clock),
    udp: new TransportCounters(clock),
    ws: new TransportCounters(clock),
    webProblems: {},
    damages: 0,
  };
}
