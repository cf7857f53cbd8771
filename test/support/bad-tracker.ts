import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { untilEvent } from './time.ts';

const MISBEHAVIOURS = {
  /** Takes the request and never answers. */
  never: () => undefined,
  /** Hangs up in place of an answer. */
  'hang-up': (response) => response.destroy(),
  /** 500. */
  'error-500': (response) => response.writeHead(500).end('Internal Server Error'),
  /** 503, as a proxy whose tracker is down. */
  'error-503': (response) => response.writeHead(503).end('<html>503 Service Temporarily Unavailable</html>'),
  /** 200 with noise. */
  rubbish: (response) => response.end(randomBytes(1_000)),
  /** 200 with a web page. */
  'web-page': (response) => response.setHeader('content-type', 'text/html').end('<html>Hello</html>'),
  /** 200 with nothing. */
  empty: (response) => response.end(),
  /** Good bencode that is no announce response. */
  'wrong-types': (response) => response.end('d8:intervali-1e5:peersi7ee'),
  /** Compact peers that are shorter than one. */
  'broken-peers': (response) => response.end('d8:intervali1800e5:peers5:12345e'),
  /** Ends in the middle. */
  truncated: (response) => response.end('d8:intervali1800e5:peers600:'),
  /** A response that never ends. */
  endless: (response) => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536, '0')));
    };
    response.on('drain', more);
    more();
  },
  /** Sends to itself, again and again. */
  'redirect-loop': (response) => response.writeHead(302, { location: '/announce' }).end(),
  /** Refuses in the protocol's own words. @see BEP 3 */
  refuses: (response) => response.end('d14:failure reason7:go awaye'),
  /** Refuses for good. @see BEP 31 */
  'never-again': (response) => response.end('d14:failure reason8:not here8:retry in5:nevere'),
} as const satisfies Record<string, (response: ServerResponse) => unknown>;

/** See the comment of each in this file. */
export type TrackerMisbehaviour = keyof typeof MISBEHAVIOURS;

/** The names of all misbehaviours, for `test.each`. */
export const TRACKER_MISBEHAVIOURS = Object.keys(MISBEHAVIOURS) as TrackerMisbehaviour[];

/** An HTTP tracker that misbehaves. */
export interface BadTracker extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly announceUrl: string;
  /** Path and query of each request so far. */
  readonly requests: readonly string[];
  /** Waits until it was asked `count` times since its start. */
  untilAsked(count?: number, signal?: AbortSignal): Promise<void>;
}

/** The way in which a tracker that misbehaves gets better. */
export interface Recovery {
  /** The number of requests that are answered badly. */
  readonly after: number;
  /** The response to the other requests, in bencode. */
  readonly answer: string;
}

/**
 * Starts a tracker that misbehaves.
 *
 * @param recovery absent: it misbehaves whatever it is asked
 *
 * @example
 * ```ts
 * await using tracker = await startBadTracker('error-500');
 * await expect(announce(tracker.announceUrl)).rejects.toThrow('500');
 * ```
 */
export async function startBadTracker(
  misbehaviour: TrackerMisbehaviour,
  recovery?: Recovery,
): Promise<BadTracker> {
  const events = new EventEmitter();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    events.emit('asked');
    if (recovery !== undefined && requests.length > recovery.after) response.end(recovery.answer);
    else MISBEHAVIOURS[misbehaviour](response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    announceUrl: `${url}/announce`,
    requests,
    async untilAsked(count = 1, signal) {
      if (requests.length < count) {
        await untilEvent(events, 'asked', () => requests.length >= count, signal);
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<unknown>((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
