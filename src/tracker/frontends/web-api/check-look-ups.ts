import type { MiddlewareHandler } from 'hono';
import { bearerToken } from './parameters.ts';
import type { WebApiOptions } from './web-api-options.ts';

/** Turns away who may not look up. What changes something has its own rules. */
export function checkLookUps({ access }: Pick<WebApiOptions, 'access'>): MiddlewareHandler {
  return async (context, next) => {
    if (['GET', 'HEAD'].includes(context.req.method)) access.checkLookUp(bearerToken(context));
    await next();
  };
}
