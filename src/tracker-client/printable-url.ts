import { withoutSecrets } from '../util/index.ts';

/** Matches a part of a path before `/announce` that is long enough to be a key. Access tokens have a form of their own. */
const PASSKEY = /\/[\w-]{16,}(?=\/(?:announce|scrape)[^/]*$)/;

/** Makes an address fit for a message: without a password, a key in its path, or a query, where trackers put their keys. */
export function printableUrl(url: string): string {
  if (!/:\/\//.test(url) || !URL.canParse(url)) return JSON.stringify(withoutSecrets(url).slice(0, 200));
  const { protocol, host, pathname } = new URL(url);
  const path = withoutSecrets(pathname);
  const shown = path === pathname ? path.replace(PASSKEY, '/…') : path;
  // The user may have put a token in the place of the host.
  return withoutSecrets(`${protocol}//${host}${shown === '/' ? '' : shown}`);
}
