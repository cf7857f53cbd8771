/** What may stand in a message of an address: no password, and no query, which is where trackers put their keys. */
export function printableUrl(url: string): string {
  if (!URL.canParse(url)) return JSON.stringify(url.slice(0, 200));
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
