import type { Handler } from 'hono';
import { inBackground } from '../../../util/index.ts';
import { loadExposition } from '../../metrics/index.ts';
import type { HandlerOptions } from './web-api-options.ts';

/** `GET /api/v1/stats` */
export function getStats({ stats }: HandlerOptions): Handler {
  return async (context) => context.json(await stats.collect());
}

/**
 * `GET /metrics`. What writes them is loaded from the start on: when somebody asks for the first time, there may be no
 * descriptor left to read it with, and Node 20 does not try a second time.
 */
export function getMetrics({ stats, report }: HandlerOptions): Handler {
  const loaded = loadExposition(stats);
  inBackground(loaded, 'load what writes the metrics', report);
  return async (context) => {
    const exposition = await loaded;
    return context.body(await exposition.text(), 200, { 'Content-Type': exposition.contentType });
  };
}
