/** The number of hex digits of a token's public name. */
export const TOKEN_ID_LENGTH = 8;
/** The number of bytes of a token's secret: 192 bits cannot be guessed. */
export const TOKEN_SECRET_BYTES = 24;

/** The most characters of a passkey: an access token has 47, passkeys of other trackers 32 or 40. */
export const MAX_PASSKEY_LENGTH = 64;

const TOKEN = /^shoal_([0-9a-f]{8})_[\w-]{32}$/;

/**
 * Writes an access token: `shoal_`, by which scanners for leaked secrets recognise it, its name, and its secret. All its
 * characters are allowed in the path of a URL, where it is called a passkey, and in a header.
 *
 * @param id {@link TOKEN_ID_LENGTH} hex digits, lower case, by which lists and logs name it
 * @param secret {@link TOKEN_SECRET_BYTES}
 */
export function formatAccessToken(id: string, secret: Uint8Array): string {
  return `shoal_${id}_${Buffer.from(secret).toString('base64url')}`;
}

/** Reads the public name in an access token; `undefined` for a text that is no access token. */
export function accessTokenId(text: string): string | undefined {
  return TOKEN.exec(text)?.[1];
}

/** Says whether a text is meant to be an access token, such as a part of one after a bad copy. */
export function isLikeAccessToken(text: string): boolean {
  return /^shoal_[\w-]*$/.test(text);
}

/**
 * Reads the passkey in the path of a tracker's URL: `/PASSKEY/announce`, `/PASSKEY/scrape`, and, as WebTorrent writes URLs,
 * `/PASSKEY` alone. `undefined` in any other path, `/announce` among them.
 *
 * @param path the path with or without a query after it, as in URL data over UDP
 * @see BEP 41
 */
export function passkeyOfPath(path: string): string | undefined {
  return PASSKEY_PATH.exec(path)?.[1];
}

/** Matches a path with a passkey. Its 64 is {@link MAX_PASSKEY_LENGTH}. */
const PASSKEY_PATH = /^\/(?!(?:announce|scrape)(?:[/?]|$))([\w-]{1,64})(?:\/(?:announce|scrape))?\/?(?:\?|$)/;
