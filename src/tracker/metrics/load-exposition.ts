import type { Exposition } from './exposition.ts';
import type { StatsCollector } from './stats-collector.ts';

/** Loads what writes metrics, which takes as long as a tracker needs to start: nobody may ever ask for them. */
export async function loadExposition(collector: StatsCollector): Promise<Exposition> {
  const { Exposition } = await import('./exposition.ts');
  return new Exposition(collector);
}
