import { withoutSecrets } from '../util/index.ts';

/** A part of a path before `/announce` that is long enough to be a key; access tokens are known by their own form. */
const PASSKEY = /\/[\w-]{16,}(?=\/(?:announce|scrape)[^/]*$)/;

/** Makes of an address what may stand in a message: no password, no key in its path, and no query, where trackers put theirs. */
export function printableUrl(url: string): string {
  if (!/:\/\//.test(url) || !URL.canParse(url)) return JSON.stringify(withoutSecrets(url).slice(0, 200));
  const { protocol, host, pathname } = new URL(url);
  const path = withoutSecrets(pathname);
  const shown = path === pathname ? path.replace(PASSKEY, '/…') : path;
  // Somebody may have put a token in place of the host, too.
  return withoutSecrets(`${protocol}//${host}${shown === '/' ? '' : shown}`);
}
