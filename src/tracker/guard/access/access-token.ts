import { z } from 'zod';

/** The things that a token may allow. */
export const TOKEN_SCOPES = ['announce', 'register'] as const;
/** `announce`: to announce, scrape and look up; `register`: to register a seeder, and to look up. */
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** The most characters of a token's name. */
export const MAX_TOKEN_NAME = 100;

/** A token as it is stored, without its secret. */
export interface AccessToken {
  /** The public name of the token, by which lists and logs name it. */
  readonly id: string;
  /** SHA-256 of the token's text. */
  readonly hash: Uint8Array;
  readonly scopes: readonly TokenScope[];
  /** The person or thing that the token is for; may be empty. */
  readonly name: string;
  readonly created: Date;
  /** The time at which the token expires; `undefined`: it never does. */
  readonly expires?: Date;
  /** The time at which the token was revoked; `undefined`: it was not. */
  readonly revoked?: Date;
}

const time = z.iso.datetime().transform((text) => new Date(text));
const id = z.string().regex(/^[0-9a-f]{8}$/);

/** The schema of a line of the file: a new token, or the end of one. */
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

/** Says whether a token is in force at a time, in milliseconds since 1970. */
export function isInForce({ expires, revoked }: AccessToken, now: number): boolean {
  return revoked === undefined && (expires === undefined || now < expires.getTime());
}
