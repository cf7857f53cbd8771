import type { Handler } from 'hono';
import { type Exposition, loadExposition } from '../metrics/index.ts';
import type { HandlerOptions } from './web-api-options.ts';

/** `GET /api/v1/stats` */
export function getStats({ stats }: HandlerOptions): Handler {
  return async (context) => context.json(await stats.collect());
}

/** `GET /metrics` */
export function getMetrics({ stats }: HandlerOptions): Handler {
  let loaded: Promise<Exposition> | undefined;
  return async (context) => {
    loaded ??= loadExposition(stats);
    const exposition = await loaded;
    return context.body(await exposition.text(), 200, { 'Content-Type': exposition.contentType });
  };
}
