import { z } from 'zod';

/** `GET /healthz` */
export const healthSchema = z.object({
  status: z.enum(['ok', 'draining']),
  /** Registered ones. */
  seeders: z.number(),
  swarms: z.number(),
  /** In all swarms, registered seeders among them. */
  peers: z.number(),
});
export type Health = z.infer<typeof healthSchema>;
