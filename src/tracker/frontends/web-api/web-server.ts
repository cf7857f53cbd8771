import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { getRequestListener } from '@hono/node-server';
import { inBackground } from '../../../util/index.ts';
import type { FullScrape } from '../../core/full-scrape/index.ts';
import type { TrackerLogic } from '../../core/index.ts';
import { answerFullScrape, answerTrackerRequest, isFullScrape, type TrackerRequest } from '../http/index.ts';
import { createWebApi } from './web-api.ts';
import type { WebApiOptions } from './web-api-options.ts';

export interface WebServerOptions extends WebApiOptions {
  readonly logic: TrackerLogic;
  readonly fullScrape?: FullScrape | undefined;
}

/** Bytes of a request's first line and headers. */
export const MAX_WEB_HEAD_BYTES = 16 * 1024;

/**
 * Makes the `node:http` server of the web API. It answers announces and scrapes as well, since a connection that was given to
 * it for a call of the web API may go on to announce.
 */
export function createWebServer(options: WebServerOptions): Server {
  const { clientAddresses, report } = options;
  const answerWebRequest = getRequestListener(createWebApi(options).fetch);
  const server = createServer({ maxHeaderSize: MAX_WEB_HEAD_BYTES }, (request, response) => {
    const asked = trackerRequestOf(request.url ?? '');
    const [what, answered] =
      asked === undefined
        ? [`a ${request.method} of the web API`, answerWebRequest(request, response)]
        : [asked.path, answerTracker(asked, request, response)];
    inBackground(answered, `answer ${what}`, report);
  });
  return server;

  async function answerTracker(
    asked: TrackerRequest,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const clientAddress = clientAddresses.ofRequest(request);
    if (clientAddress === undefined) return;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD', Connection: 'close' }).end();
      return;
    }
    const { fullScrape } = options;
    const answer =
      fullScrape !== undefined && isFullScrape(asked)
        ? await answerFullScrape(options, fullScrape, asked, clientAddress)
        : await answerTrackerRequest(options, asked, clientAddress);
    if (answer === 'cut') {
      response.destroy();
      return;
    }
    const parts = answer instanceof Uint8Array ? [answer] : answer;
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': length });
    if (request.method === 'HEAD') response.end();
    else await write(parts, response);
  }
}

/** Writes the parts of a body as fast as they are read. A client that goes away meanwhile is no error of the tracker's. */
async function write(parts: readonly Uint8Array[], response: ServerResponse): Promise<void> {
  try {
    await pipeline(parts, response);
  } catch (thrown) {
    if (!response.destroyed) throw thrown;
  }
}

/**
 * Reads a target as a tracker request. It may name the host (RFC 9112, section 3.2.2). Any text before `/announce` is read as
 * a passkey, even if no passkey looks like it: clients show the tracker's refusal to their users, and not an HTTP status.
 *
 * @returns `undefined` when the target is not the tracker's
 */
function trackerRequestOf(target: string): TrackerRequest | undefined {
  const local = target.replace(/^https?:\/\/[^/?]*/i, '');
  const found = /^(?:\/([^/?]+))?\/(announce|scrape)(?:\?(.*))?$/.exec(local);
  if (found === null) return undefined;
  return {
    passkey: found[1],
    path: found[2] === 'announce' ? '/announce' : '/scrape',
    query: Buffer.from(found[3] ?? '', 'latin1'),
  };
}
