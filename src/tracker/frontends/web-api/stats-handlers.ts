import type { Handler } from 'hono';
import { inBackground } from '../../../util/index.ts';
import { loadExposition } from '../../metrics/index.ts';
import type { HandlerOptions } from './web-api-options.ts';

/** Answers `GET /api/v1/stats`. */
export function getStats({ stats }: HandlerOptions): Handler {
  return async (context) => context.json(await stats.collect());
}

/**
 * Answers `GET /metrics`. The module that writes the metrics is loaded at the start: at the first request there may be no
 * descriptor left to load it with, and Node 20 does not try a second time.
 */
export function getMetrics({ stats, report }: HandlerOptions): Handler {
  const loaded = loadExposition(stats);
  inBackground(loaded, 'load what writes the metrics', report);
  return async (context) => {
    const exposition = await loaded;
    return context.body(await exposition.text(), 200, { 'Content-Type': exposition.contentType });
  };
}
