import { deadline, pollUntil } from './time.ts';

/** 40 hex digits as they stand in a query. */
export function percentEncoded(hex: string): string {
  return hex.replace(/../g, '%$&');
}

/** The counts of a torrent at a tracker. @see BEP 48 */
export interface Scrape {
  readonly complete: number;
  readonly incomplete: number;
}

/** Asks a tracker, with our codec left out, how many have a torrent and how many want it. */
export async function scrape(announceUrl: string, infoHash: string, signal = deadline()): Promise<Scrape> {
  const url = `${announceUrl.replace('announce', 'scrape')}?info_hash=${percentEncoded(infoHash)}`;
  const answer = await (await fetch(url, { signal })).text();
  const numberOf = (key: string) => Number(new RegExp(`${key.length}:${key}i(\\d+)e`).exec(answer)?.[1] ?? 0);
  return { complete: numberOf('complete'), incomplete: numberOf('incomplete') };
}

/**
 * Waits until a tracker knows at least `count` seeders of a torrent.
 *
 * @example
 * ```ts
 * await using aria2 = await startAria2Seed({ source: torrentFile, folder: folder.path, trackers: [announceUrl] });
 * await untilSeeders(announceUrl, infoHash, 1);
 * ```
 */
export async function untilSeeders(
  announceUrl: string,
  infoHash: string,
  count: number,
  signal = deadline(),
): Promise<void> {
  await pollUntil(
    `${announceUrl} knows ${count} seeders of ${infoHash}`,
    async (signal) => (await scrape(announceUrl, infoHash, signal)).complete >= count || undefined,
    signal,
  );
}

/**
 * Tells a tracker of a peer at this machine's `port` that does not announce itself.
 *
 * @param left bytes that it lacks; of a seed, 0
 */
export async function announcePeer(
  announceUrl: string,
  infoHash: string,
  { port, left = 0 }: { readonly port: number; readonly left?: number },
): Promise<void> {
  const peerId = `-XX0000-${String(port).padStart(12, '0')}`;
  const query = `peer_id=${peerId}&port=${port}&uploaded=0&downloaded=0&left=${left}&compact=1&event=started`;
  const url = `${announceUrl}?info_hash=${percentEncoded(infoHash)}&${query}`;
  const answer = await (await fetch(url, { signal: deadline() })).text();
  if (answer.includes('failure reason') || !answer.includes('8:intervali'))
    throw new Error(`${announceUrl} did not take an announce: ${answer}`);
}
