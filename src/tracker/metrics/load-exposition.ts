import type { Exposition } from './exposition.ts';
import type { StatsCollector } from './stats-collector.ts';

/** Loads what writes metrics, beside all else that a tracker does when it starts. */
export async function loadExposition(collector: StatsCollector): Promise<Exposition> {
  const { Exposition } = await import('./exposition.ts');
  return new Exposition(collector);
}
