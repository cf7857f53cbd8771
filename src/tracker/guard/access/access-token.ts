import { z } from 'zod';

/** What a token may be good for. */
export const TOKEN_SCOPES = ['announce', 'register'] as const;
/** `announce`: to announce, scrape and look up; `register`: to register a seeder, and to look up. */
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** Characters of a token's name. */
export const MAX_TOKEN_NAME = 100;

/** A token as it is kept: all but the secret. */
export interface AccessToken {
  /** Public: by which lists and logs name it. */
  readonly id: string;
  /** SHA-256 of the token's text. */
  readonly hash: Uint8Array;
  readonly scopes: readonly TokenScope[];
  /** Whom or what it is for; may be empty. */
  readonly name: string;
  readonly created: Date;
  /** When it ends to be good; absent: never. */
  readonly expires?: Date;
  /** When it was revoked; absent: it was not. */
  readonly revoked?: Date;
}

const time = z.iso.datetime().transform((text) => new Date(text));
const id = z.string().regex(/^[0-9a-f]{8}$/);

/** What a line of the file says: that there is a token, or that there is one no longer. */
export const tokenLineSchema = z.union([
  z.strictObject({
    id,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    scopes: z.array(z.enum(TOKEN_SCOPES)).min(1),
    name: z.string().max(MAX_TOKEN_NAME),
    created: time,
    expires: time.optional(),
  }),
  z.strictObject({ revoke: id, at: time }),
]);

/** A line of the file, as {@link tokenLineSchema} reads it. */
export type TokenLine = z.infer<typeof tokenLineSchema>;

/** Writes the line that {@link tokenLineSchema} reads. */
export function tokenLine({ id, hash, scopes, name, created, expires }: AccessToken): string {
  return JSON.stringify({ id, sha256: Buffer.from(hash).toString('hex'), scopes, name, created, expires });
}

export function revocationLine(id: string, at: Date): string {
  return JSON.stringify({ revoke: id, at });
}

/** Whether it is good at a time, in milliseconds since 1970. */
export function isInForce({ expires, revoked }: AccessToken, now: number): boolean {
  return revoked === undefined && (expires === undefined || now < expires.getTime());
}
