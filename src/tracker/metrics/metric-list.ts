import type { TrackerStats, TransportStats, WebTorrentStats } from './tracker-stats.ts';
import type { Transport } from './transport-counters.ts';

/** A value of a metric. */
export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A figure of `GET /metrics`, and how it follows from those of `GET /api/v1/stats`. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** The names of its labels, separated by blanks; `undefined`: it has none. */
  readonly label?: string;
  readonly read: (stats: TrackerStats) => readonly Sample[];
}

/** The one metric that is a histogram. */
export const REQUEST_DURATION = {
  name: 'shoal_tracker_request_duration_seconds',
  help: 'Time from a request being read to its answer being written, of one request in 16',
};

/** All other metrics of a tracker. Their names are a promise: dashboards and alerts depend on them. */
export const METRICS: readonly Metric[] = [
  {
    name: 'shoal_tracker_info',
    type: 'gauge',
    help: 'The version of Shoal; always 1',
    label: 'version',
    read: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  gauge('uptime_seconds', 'Time since the tracker started', ({ uptime }) => uptime),
  gauge('draining', '1 while the tracker is about to stop, else 0', ({ isDraining }) => Number(isDraining)),
  gauge('store_up', '1 while the store of swarms and seeders answers, else 0', ({ isStoreUp }) =>
    Number(isStoreUp),
  ),
  gauge(
    'store_calls_waiting',
    'Calls that wait for a store on another machine',
    ({ storeCalls }) => storeCalls.waiting,
  ),
  {
    name: 'shoal_tracker_store_call_failures_total',
    type: 'counter',
    help: 'Calls to a store on another machine that failed, or were refused since too many waited',
    read: ({ storeCalls }) => [{ value: storeCalls.failed }],
  },
  gauge('seeders', 'Registered seeders', ({ seeders }) => seeders),
  gauge('swarms', 'Swarms with a peer', ({ swarms }) => swarms),
  gauge('peers', 'Peers of all swarms, registered seeders among them', ({ peers }) => peers),
  gauge('connections', 'Open connections over TCP', ({ connections }) => connections),
  ofWebTorrent('connections', 'gauge', 'Open connections over WebSocket', 'connections'),
  ofWebTorrent('swarms', 'gauge', 'Swarms of peers over WebSocket', 'swarms'),
  ofWebTorrent('peers', 'gauge', 'Peers of all swarms over WebSocket', 'peers'),
  ofWebTorrent('offers_total', 'counter', 'Offers handed on from one peer to another', 'offers'),
  ofWebTorrent(
    'answers_total',
    'counter',
    'Answers to offers handed on to the peers that made them',
    'answers',
  ),
  ofWebTorrent('answers_dropped_total', 'counter', 'Answers for who is gone', 'answersDropped'),
  ofWebTorrent('cut_total', 'counter', 'Connections over WebSocket ended for what the peer did', 'cut'),
  ofTransports('connects', 'Connection ids given over UDP, and connections over WebSocket'),
  ofTransports('announces', 'Announces, refused and malformed ones too'),
  ofTransports('scrapes', 'Scrapes, refused and malformed ones too'),
  {
    name: 'shoal_tracker_failures_total',
    type: 'counter',
    help: 'Requests answered with a failure, by reason: malformed, refused, stale (connection id), failed (the tracker itself)',
    label: 'transport reason',
    read: (stats) =>
      (['malformed', 'refused', 'stale', 'failed'] as const).flatMap((reason) =>
        samplesOf(stats, (counts) => counts[reason], { reason }),
      ),
  },
  ofTransports('ignored', 'Packets and messages that were no request'),
  ofTransports('lost', 'Answers that could not be sent'),
  {
    name: 'shoal_tracker_web_problems_total',
    type: 'counter',
    help: 'Problems that the web API has answered, by their status',
    label: 'status',
    read: ({ webProblems }) =>
      Object.entries(webProblems).map(([status, value]) => ({ labels: { status }, value })),
  },
  {
    name: 'shoal_tracker_refusals_total',
    type: 'counter',
    help: 'What a limit or a rule has turned away, by reason',
    label: 'reason',
    read: ({ refusals }) =>
      Object.entries(refusals).map(([reason, value]) => ({ labels: { reason }, value })),
  },
  {
    name: 'shoal_tracker_damages_total',
    type: 'counter',
    help: 'How often something in the state folder was found damaged, and left out',
    read: ({ damages }) => [{ value: damages }],
  },
];

/** @param read gives `null` while the value is not known */
function gauge(name: string, help: string, read: (stats: TrackerStats) => number | null): Metric {
  return {
    name: `shoal_tracker_${name}`,
    type: 'gauge',
    help,
    read: (stats) => [{ value: read(stats) ?? Number.NaN }],
  };
}

/** Makes a metric of the peers over WebSocket. */
function ofWebTorrent(
  name: string,
  type: Metric['type'],
  help: string,
  field: keyof WebTorrentStats,
): Metric {
  return {
    name: `shoal_tracker_ws_${name}`,
    type,
    help,
    read: ({ webTorrent }) => [{ value: webTorrent[field] }],
  };
}

/** Makes a metric that counts for each transport. */
function ofTransports(name: Exclude<keyof TransportStats, 'latency'>, help: string): Metric {
  return {
    name: `shoal_tracker_${name}_total`,
    type: 'counter',
    help,
    label: 'transport',
    read: (stats) => samplesOf(stats, (counts) => counts[name]),
  };
}

function samplesOf(
  { transports }: TrackerStats,
  read: (counts: TransportStats) => number,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  return (Object.keys(transports) as Transport[]).map((transport) => ({
    labels: { transport, ...labels },
    value: read(transports[transport]),
  }));
}
