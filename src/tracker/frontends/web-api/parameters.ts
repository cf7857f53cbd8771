import type { Context } from 'hono';
import { z } from 'zod';
import { MAX_PAGE } from '../../../tracker-protocol/index.ts';
import { ProblemError } from './problems.ts';

const wholeNumber = z
  .string()
  .regex(/^\d{1,16}$/, 'must be a whole number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'is too large');

const hex40 = z.string().regex(/^[0-9a-f]{40}$/, 'must be 40 lower-case hex digits');
const hex64 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

/** The query `?limit=&after=` of every list that comes in pages. */
export const pageQuery = z.strictObject({
  limit: wholeNumber
    .refine((limit) => limit >= 1 && limit <= MAX_PAGE, `must be 1 to ${MAX_PAGE}`)
    .default(MAX_PAGE)
    .meta({ type: 'integer', minimum: 1, maximum: MAX_PAGE, example: 100 }),
  after: z
    .string()
    .regex(/^\d{1,16}$/, 'must be the `next` of another page')
    .optional()
    .meta({ description: '`next` of the page before' }),
});

export const torrentQuery = pageQuery.extend({
  name: z.string().max(255).optional().meta({ description: 'The whole name, as it is spelled' }),
  size: wholeNumber.optional().meta({ type: 'integer', description: 'Bytes' }),
  sha256: hex64.optional(),
  infoHashV2: hex40.optional().meta({ description: 'The second info-hash of a hybrid' }),
  id: hex64.optional().meta({ description: 'The SHA-256 of a file, or the content id of a folder' }),
});

export const seederParams = z.object({ id: z.string().meta({ example: '0f1e2d3c4b5a6978' }) });

export const torrentParams = z.object({
  infoHash: hex40.meta({ example: '0123456789abcdef0123456789abcdef01234567' }),
});

/** Reads the token of `Authorization: Bearer …`. @returns `undefined` when there is none */
export function bearerToken(context: Context): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(context.req.header('authorization') ?? '')?.[1];
}

/** Makes a handler that refuses the other methods of a known path. */
export function onlyAllows(...methods: string[]): () => never {
  return () => {
    const allow = methods.includes('GET') ? ['GET', 'HEAD', ...methods.slice(1)] : methods;
    throw new ProblemError(405, `This path takes only ${allow.join(', ')}`, {
      headers: { Allow: allow.join(', ') },
    });
  };
}
