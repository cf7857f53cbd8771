import type { Exposition } from './exposition.ts';
import type { StatsCollector } from './stats-collector.ts';

/** Loads the writer of metrics, while the tracker does the other work of its start. */
export async function loadExposition(collector: StatsCollector): Promise<Exposition> {
  const { Exposition } = await import('./exposition.ts');
  return new Exposition(collector);
}
