import type { MiddlewareHandler } from 'hono';
import { bearerToken } from './parameters.ts';
import type { WebApiOptions } from './web-api-options.ts';

/** Refuses look-ups of clients that are not allowed to look up. Calls that change something have their own rules. */
export function checkLookUps({ access }: Pick<WebApiOptions, 'access'>): MiddlewareHandler {
  return async (context, next) => {
    if (['GET', 'HEAD'].includes(context.req.method)) access.checkLookUp(bearerToken(context));
    await next();
  };
}
