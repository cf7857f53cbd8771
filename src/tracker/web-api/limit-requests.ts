import type { MiddlewareHandler } from 'hono';
import { ProblemError } from './problems.ts';
import type { WebApiOptions } from './web-api-options.ts';
import { senderOfRequest } from './web-request.ts';

/** Seconds after which who has asked too much may ask some more. */
const RETRY_AFTER = 1;

/** What a load balancer asks: it is told also when others behind its address ask too much. */
const HEALTH = '/healthz';

/** Turns away who asks too much, before anything is read or looked up. */
export function limitRequests({ abuse, senders, clock }: WebApiOptions): MiddlewareHandler {
  return async (context, next) => {
    const isFree = context.req.path === HEALTH;
    if (!isFree && !abuse.requests.admits(senderOfRequest(context, senders).ip, 1, clock.now())) {
      throw new ProblemError(429, 'Too many requests from your address', {
        headers: { 'Retry-After': String(RETRY_AFTER) },
      });
    }
    await next();
  };
}
