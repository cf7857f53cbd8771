import { withoutSecrets } from '../util/index.ts';

/** What stands before `/announce` and is long enough to be a key: an access token is known, others look like this. */
const PASSKEY = /\/[\w-]{16,}(?=\/(?:announce|scrape)[^/]*$)/;

/** What may stand in a message of an address: no password, no key in its path, and no query, where trackers put theirs. */
export function printableUrl(url: string): string {
  if (!URL.canParse(url)) return JSON.stringify(withoutSecrets(url).slice(0, 200));
  const { protocol, host, pathname } = new URL(url);
  const path = withoutSecrets(pathname);
  const shown = path === pathname ? path.replace(PASSKEY, '/…') : path;
  return `${protocol}//${host}${shown === '/' ? '' : shown}`;
}
