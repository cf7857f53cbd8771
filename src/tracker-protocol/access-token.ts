/** Hex digits of a token's public name. */
export const TOKEN_ID_LENGTH = 8;
/** Bytes of a token's secret: nobody guesses 192 bits. */
export const TOKEN_SECRET_BYTES = 24;

/** Characters of a passkey that a tracker looks at: an access token has 47, those of other trackers 32 or 40. */
export const MAX_PASSKEY_LENGTH = 64;

const TOKEN = /^shoal_([0-9a-f]{8})_[\w-]{32}$/;

/**
 * Writes an access token: `shoal_`, by which those who search for lost secrets know it, its name, and its secret. All of
 * it may stand in the path of a URL, where it is called a passkey, and in a header.
 *
 * @param id {@link TOKEN_ID_LENGTH} hex digits, lower case: by which lists and logs name it
 * @param secret {@link TOKEN_SECRET_BYTES}
 */
export function formatAccessToken(id: string, secret: Uint8Array): string {
  return `shoal_${id}_${Buffer.from(secret).toString('base64url')}`;
}

/** The public name in an access token; `undefined` for a text that is none. */
export function accessTokenId(text: string): string | undefined {
  return TOKEN.exec(text)?.[1];
}

/** Tells whether a text is meant to be an access token: a part of one is, as after a bad copy. */
export function isLikeAccessToken(text: string): boolean {
  return /^shoal_[\w-]*$/.test(text);
}

/**
 * The passkey in the path of a tracker's URL: `/PASSKEY/announce`, `/PASSKEY/scrape`, and, as WebTorrent writes URLs,
 * `/PASSKEY` alone. `undefined` in any other path, `/announce` among them.
 *
 * @param path with or without a query behind it: URL data over UDP is both
 * @see BEP 41
 */
export function passkeyOfPath(path: string): string | undefined {
  return PASSKEY_PATH.exec(path)?.[1];
}

/** Kept in step with {@link MAX_PASSKEY_LENGTH}. */
const PASSKEY_PATH = /^\/(?!(?:announce|scrape)(?:[/?]|$))([\w-]{1,64})(?:\/(?:announce|scrape))?\/?(?:\?|$)/;
