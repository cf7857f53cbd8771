import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { dirname } from 'node:path';
import { type GetError, type GetOptions, type GetResult, get } from '../../src/client/index.ts';
import { createSeeder, type Seeder, type SeederOptions } from '../../src/seeder/index.ts';
import { createTracker, type Tracker, type TrackerOptions } from '../../src/tracker/index.ts';
import { deadline, PATIENCE_MS } from '../support/index.ts';

// Our own parts as these tests use them: through the public functions, on loopback, with what they report told.

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Whether this machine has the loopback address of IPv6. */
export const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list!.some(({ address }) => address === '::1'),
);
/** The loopback addresses of this machine. */
export const LOOPBACK = hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'];

/** A tracker of ours, and its announce URL as it stands in a torrent. */
export type OurTracker = Tracker & { readonly announceUrl: string };

export async function startTracker(options: TrackerOptions = {}): Promise<OurTracker> {
  const tracker = await createTracker({ host: '127.0.0.1', ...options });
  return { ...tracker, announceUrl: `${tracker.url}/announce` };
}

/** A seeder of ours; when it is given a tracker it is registered there when this returns. */
export async function startSeeder(options: SeederOptions): Promise<Seeder> {
  let onRegistered = () => {};
  const registered = new Promise<void>((resolve) => {
    onRegistered = resolve;
  });
  const seeder = await createSeeder({ bindHost: '127.0.0.1', onWarning: print, ...options, onRegistered });
  if (options.tracker !== undefined) await registered;
  return seeder;
}

/** Our client, with a `.torrent` from disk. */
export async function getTorrent(
  torrentFile: string,
  options: Omit<GetOptions, 'torrent'>,
): Promise<GetResult> {
  return getFile({ torrent: await readFile(torrentFile), ...options });
}

/** Our client. */
export function getFile(options: GetOptions): Promise<GetResult> {
  return get({ host: '127.0.0.1', signal: deadline(PATIENCE_MS), onWarning: print, ...options });
}

/** Waits until a get fails. @returns the code of its error, or its result if it does not fail */
export async function failureOf(getting: Promise<GetResult>): Promise<unknown> {
  return getting.catch((error: GetError) => error.code ?? error);
}

/** Writes the `.torrent` that the tracker's web API hands out. */
export async function saveTorrent(tracker: Tracker, infoHash: string, path: string): Promise<void> {
  const answer = await fetch(`${tracker.url}/api/v1/torrents/${infoHash}.torrent`, { signal: deadline() });
  if (!answer.ok) throw new Error(`The tracker has no torrent ${infoHash}: ${answer.status}`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, new Uint8Array(await answer.arrayBuffer()));
}

function print(error: Error, context: string): void {
  console.warn(`Shoal could not ${context}: ${error.message}`);
}
