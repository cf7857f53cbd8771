import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { HOST } from '../programs/trackers.ts';
import { openStream } from './open-stream.ts';

/** The milliseconds between two requests, or connections, of a pest. */
export const PACE_MS = 100;
/** The number of requests that are sent at once, without waiting for a response. */
export const PIPELINED = 20;

/**
 * Sends the same requests on and on, as fast as its pace and the tracker allow.
 *
 * @param each is called with the connection whenever requests were sent
 * @param count the least number of requests that are sent at once
 * @returns how often it was thrown out
 */
export async function keepAsking(
  port: number,
  requests: readonly string[],
  signal: AbortSignal,
  each: (socket: Socket) => void,
  count = PIPELINED,
): Promise<number> {
  let thrownOut = 0;
  const text = requests.map((request) => `${request} HTTP/1.1\r\nHost: ${HOST}:${port}\r\n\r\n`).join('');
  const many = text.repeat(Math.ceil(count / Math.max(1, requests.length)));
  while (!signal.aborted) {
    const socket = await openStream(port);
    while (!socket.destroyed && !signal.aborted) {
      if (socket.writableLength === 0) {
        socket.write(many);
        each(socket);
      }
      await setTimeout(PACE_MS);
    }
    if (!signal.aborted) thrownOut += 1;
    socket.destroy();
  }
  return thrownOut;
}
