import type { Random } from '../../src/util/index.ts';
import {
  announcePorts,
  askForNothing,
  dropHandshakes,
  leaveUnread,
  provokeLines,
  registerRubbish,
  saySilent,
  vanish,
} from './greedy-pests.ts';
import { crawl, neverRead, sendGarbagePackets, sendGarbageStreams } from './pests.ts';

/** The number of pests of each kind that waits most of the time. */
const CRAWLERS = 20;
const SILENT = 300;
const UNREAD = 10;

/** The acts of one kind of pest, as a row of a report. */
export type PestCount = { readonly what: string; readonly count: number };

/**
 * Lets all kinds of pests loose on a tracker until they are told to stop.
 *
 * @param securePort of a tracker that speaks TLS; `undefined`: there is none
 */
export async function pester(
  port: number,
  securePort: number | undefined,
  random: Random,
  signal: AbortSignal,
): Promise<readonly PestCount[]> {
  const sum = async (count: number, start: () => Promise<number>): Promise<number> => {
    const counts = await Promise.all(Array.from({ length: count }, start));
    return counts.reduce((total, more) => total + more, 0);
  };
  const kinds: Readonly<Record<string, Promise<number>>> = {
    'packets of garbage': sendGarbagePackets(port, random, signal),
    'connections of garbage': sum(2, () => sendGarbageStreams(port, random, signal)),
    'slow clients thrown out': sum(CRAWLERS, () => crawl(port, signal)),
    'silent clients thrown out': sum(SILENT, () => saySilent(port, signal)),
    'clients thrown out that read no announces': sum(2, () => neverRead(port, signal)),
    'clients thrown out that read no pages': sum(UNREAD, () => leaveUnread(port, signal)),
    'requests that are free or refused': askForNothing(port, signal),
    'registrations that are not valid': registerRubbish(port, signal),
    'WebSockets gone without a word': vanish(port, signal),
    'announces of ports of one address': announcePorts(port, signal),
    'provocations of the log': provokeLines(port, signal),
    ...(securePort !== undefined && {
      'handshakes of TLS that were dropped': dropHandshakes(securePort, signal),
    }),
  };
  return Promise.all(Object.entries(kinds).map(async ([what, count]) => ({ what, count: await count })));
}
