import { Agent, get } from 'node:http';
import { decodeAnnounceResponse, encodeAnnounceQuery } from '../../src/tracker-protocol/index.ts';
import { HOST } from '../programs/trackers.ts';
import type { SwarmModel } from './swarm-model.ts';

/** Announces over HTTP, one after the other, until it is told to stop. */
export async function announceOverHttp(
  port: number,
  model: SwarmModel,
  keepAlive: boolean,
  signal: AbortSignal,
): Promise<void> {
  const agent = new Agent({ keepAlive, maxSockets: 1 });
  while (!signal.aborted) {
    const question = model.ask();
    const path = `/announce?${encodeAnnounceQuery(question.request)}`;
    const body = await fetchBytes({ host: HOST, port, path, agent });
    const answer = decodeAnnounceResponse(body);
    if ('failureReason' in answer) model.failed(question, `is refused: ${answer.failureReason}`);
    else model.check(question, answer);
  }
  agent.destroy();
}

/** Sends one request. @returns the body of the response */
export function fetchBytes(options: {
  host: string;
  port: number;
  path: string;
  agent: Agent;
}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(options, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(Buffer.concat(parts)));
      response.on('error', reject);
    }).on('error', reject);
  });
}
