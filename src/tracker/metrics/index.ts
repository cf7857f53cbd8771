export type { Exposition } from './exposition.ts';
export { loadExposition } from './load-exposition.ts';
export { createRefusalCounters, type RefusalCounters } from './refusal-reasons.ts';
export { StatsCollector, type StatsSources } from './stats-collector.ts';
export {
  type TrackerStats,
  trackerStatsSchema,
  type WebTorrentStats,
} from './tracker-stats.ts';
export { createCounters, type TrackerCounters, TransportCounters } from './transport-counters.ts';
