import { parseTrackerUrl } from './tracker-url.ts';

/**
 * Lists the trackers that a user has named, each once, in their order. Two addresses of one tracker, such as with and
 * without `/announce`, count as one: a seeder that registered twice would replace itself again and again.
 *
 * @param tracker the addresses, `http://host:9910`; `undefined` for none
 */
export function distinctTrackers(tracker: string | readonly string[] | undefined): readonly string[] {
  const byBase = new Map<string, string>();
  for (const url of typeof tracker === 'string' ? [tracker] : (tracker ?? [])) {
    const { base } = parseTrackerUrl(url);
    const key = URL.canParse(base) ? new URL(base).href : base;
    if (!byBase.has(key)) byBase.set(key, url);
  }
  return [...byBase.values()];
}
