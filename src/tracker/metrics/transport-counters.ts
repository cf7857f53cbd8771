import type { TrackerFailure } from '../../tracker-protocol/index.ts';
import type { Clock } from '../../util/index.ts';
import { STORE_AWAY } from '../core/index.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { createRefusalCounters, type RefusalCounters } from './refusal-reasons.ts';

export const TRANSPORTS = ['http', 'udp', 'ws'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/**
 * The counts of requests over one transport since the tracker started, by what became of them. They are plain numbers,
 * incremented where it happens, because that costs nothing; readers add them up.
 */
export class TransportCounters {
  /** The requests for a connection id over UDP; the connections over WebSocket. */
  connects = 0;
  announces = 0;
  scrapes = 0;
  /** The requests that could not be read, and got a response that says so. */
  malformed = 0;
  /** The announces and scrapes that a rule or a limit forbids; over HTTP and WebSocket the response says so. */
  refused = 0;
  /** The requests that the tracker failed to answer because of a defect, or of a store that does not answer. */
  failed = 0;
  /** The requests with a wrong connection id, or one that is too old. */
  stale = 0;
  /** The packets that are no requests, and got no response. */
  ignored = 0;
  /** The responses that could not be sent. */
  lost = 0;
  readonly latency: LatencyHistogram;

  constructor(clock: Clock) {
    this.latency = new LatencyHistogram(clock);
  }

  /** Counts a response that is a failure: refused, or failed because the store does not answer. */
  countFailure(failure: TrackerFailure): void {
    if (failure === STORE_AWAY) this.failed += 1;
    else this.refused += 1;
  }
}

/** The counters of a tracker. */
export interface TrackerCounters extends Readonly<Record<Transport, TransportCounters>> {
  /** The numbers of what limits and rules have turned away. Some parts of a tracker count for themselves: those are 0 here. */
  readonly refusals: RefusalCounters;
  /** Problems that the web API has answered, by their status. */
  readonly webProblems: Record<number, number>;
  /** The number of times that a part of the stored state was found damaged. */
  damages: number;
}

export function createCounters(clock: Clock): TrackerCounters {
  return {
    http: new TransportCounters(clock),
    udp: new TransportCounters(clock),
    ws: new TransportCounters(clock),
    refusals: createRefusalCounters(),
    webProblems: {},
    damages: 0,
  };
}
