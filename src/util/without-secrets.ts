/**
 * An access token of Shoal: the part that is shown, and the secret behind it. A token that is cut off or too long also
 * matches.
 */
const TOKEN = /(shoal_[0-9a-f]{8}_)[\w-]{7,}/g;

/**
 * The part of a URL before its host: the user and the password, or one of the two. It ends at the last `@` before a
 * space, a quote or a further URL of a list, as people forget to escape a `@` or a `/`. A port with a path behind it is
 * no password. At the start of a text the scheme may be missing.
 */
const LOGIN =
  /(^|:\/\/)(?:([^:/?#@[\s"'\\,]*):(?!\/\/|\d{1,5}(?:[/?#]|$))(?:\\.|(?!,[a-z]+:)[^\s"\\]){0,1000}|[^:/?#@[\s"'\\,]+)@/g;

/**
 * Hides the secrets in a text that people, logs or other programs get to see: it shows access tokens by their names alone,
 * and URLs without their passwords. A login without a password may itself be a key, and is hidden.
 *
 * This is the one rule for all messages; every text with a URL from a setting, a flag or a torrent goes through it.
 *
 * @example
 * ```ts
 * withoutSecrets('Cannot use ftp://me:secret@a.example'); // 'Cannot use ftp://me:***@a.example'
 * ```
 */
export function withoutSecrets(text: string): string {
  // Most texts have neither a login nor a token.
  const masked = text.includes('@') ? text.replaceAll(LOGIN, hideLogin) : text;
  return masked.replaceAll(TOKEN, '$1…');
}

function hideLogin(login: string, before: string, user: string | undefined): string {
  if (user !== undefined) return `${before}${user}:***@`;
  // Without a scheme this is an address of mail, or of anything.
  return before === '' ? login : `${before}***@`;
}
