import { z } from 'zod';

/** `GET /healthz` */
export const healthSchema = z.object({
  /**
   * With `draining`, and 503, the tracker is about to stop: send nobody any more. With `store-away` it tells peers when to
   * come again, which is better than no answer.
   */
  status: z.enum(['ok', 'draining', 'store-away']),
  /** Registered ones; `null` while the store is away, as the others. */
  seeders: z.number().nullable(),
  swarms: z.number().nullable(),
  /** In all swarms, registered seeders among them. */
  peers: z.number().nullable(),
});
export type Health = z.infer<typeof healthSchema>;
