import { z } from 'zod';

/** The response to `GET /healthz`. */
export const healthSchema = z.object({
  /**
   * The state of the tracker. With `draining`, which comes with status 503, it is about to stop, and new clients should go
   * elsewhere. With `store-away` it tells peers when to announce again.
   */
  status: z.enum(['ok', 'draining', 'store-away']),
  /** The number of registered seeders; `null` while the store is away. */
  seeders: z.number().nullable(),
  swarms: z.number().nullable(),
  /** The number of peers in all swarms, registered seeders among them; `null` while the store is away. */
  peers: z.number().nullable(),
});
export type Health = z.infer<typeof healthSchema>;
