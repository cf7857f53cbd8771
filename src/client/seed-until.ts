import type { TorrentStats } from '../session/index.ts';
import { type Clock, pause, toError } from '../util/index.ts';
import type { Watch } from './disk.ts';
import type { TorrentCandidate } from './find.ts';
import { PROGRESS_MS } from './paced.ts';

/** The rule by which a `get` seeds what it has delivered. The first limit that is reached ends it. */
export interface SeedingRule {
  /** Milliseconds; `undefined` for no limit. */
  readonly forMs: number | undefined;
  /** The uploaded bytes, as a multiple of the size; `undefined` for no limit. */
  readonly ratio: number | undefined;
}

/**
 * The reason why a `get` has stopped seeding:
 *
 * - `time`: the time was over
 * - `ratio`: enough was uploaded
 * - `stopped`: the signal has aborted
 * - `failed`: the files could not be read, or have changed; a warning says more
 */
export type SeedingEnd = 'time' | 'ratio' | 'stopped' | 'failed';

/** The options of {@link seedUntil}. */
export interface SeedUntilOptions extends Watch {
  readonly clock: Clock;
  readonly rule: SeedingRule;
  readonly stats: () => TorrentStats;
  /** Tells whether the files cannot be read any more. */
  readonly hasFailed: () => boolean;
}

/** Makes the rule of the options of a `get`. @returns `undefined` when it does not seed */
export function seedingRuleOf({
  seedForMs = 0,
  seedRatio = 0,
}: {
  readonly seedForMs?: number;
  readonly seedRatio?: number;
}): SeedingRule | undefined {
  if (seedForMs === 0 && seedRatio === 0) return undefined;
  return { forMs: seedForMs || undefined, ratio: seedRatio || undefined };
}

/** Waits until a torrent that is seeded has been seeded enough, and tells the progress. */
export async function seedUntil(
  { metainfo }: TorrentCandidate,
  { clock, rule, stats, hasFailed, signal, tell }: SeedUntilOptions,
): Promise<SeedingEnd> {
  const startedAt = clock.now();
  const { forMs = Number.POSITIVE_INFINITY, ratio = Number.POSITIVE_INFINITY } = rule;
  const { name, length } = metainfo;
  for (;;) {
    const { downloadRate, uploadRate, peers, uploaded } = stats();
    tell({ phase: 'seeding', name, done: length, total: length, downloadRate, uploadRate, peers, uploaded });
    const left = startedAt + forMs - clock.now();
    if (hasFailed()) return 'failed';
    if (signal.aborted) return 'stopped';
    if (uploaded >= ratio * length) return 'ratio';
    if (left <= 0) return 'time';
    await pause(clock, Math.min(left, PROGRESS_MS), signal).catch((thrown: unknown) => {
      // The abort is seen above.
      if (!signal.aborted) throw toError(thrown);
    });
  }
}
