import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decodeUdpResponse, encodeUdpAnnounce, encodeUdpConnect } from '../../src/tracker-protocol/index.ts';
import { HOST } from '../programs/trackers.ts';
import type { SwarmModel } from './swarm-model.ts';

/** A packet counts as lost after so many milliseconds, and a connection id as too old. */
const PATIENCE_MS = 2000;
const CONNECTION_MS = 60_000;

/** Announces over UDP, one after the other, until it is told to stop. @returns how often no answer came */
export async function announceOverUdp(port: number, model: SwarmModel, signal: AbortSignal): Promise<number> {
  const socket = createSocket('udp4');
  socket.connect(port, HOST);
  await once(socket, 'connect');
  let transactionId = 0;
  let lost = 0;
  let connectedAt = Number.NEGATIVE_INFINITY;
  let connectionId: Uint8Array = new Uint8Array(8);
  while (!signal.aborted) {
    if (performance.now() - connectedAt > CONNECTION_MS) {
      transactionId += 1;
      const response = await ask(encodeUdpConnect(transactionId));
      if (response?.action !== 'connect') continue;
      ({ connectionId } = response);
      connectedAt = performance.now();
    }
    transactionId += 1;
    const question = model.ask();
    const response = await ask(encodeUdpAnnounce({ connectionId, transactionId }, question.request, ''));
    if (response === undefined) lost += 1;
    else if (response.action === 'announce') model.check(question, response.response);
    else model.failed(question, `is answered by ${JSON.stringify(response)}`);
  }
  socket.close();
  return lost;

  async function ask(packet: Uint8Array) {
    const given = transactionId;
    socket.send(packet);
    const timeout = AbortSignal.timeout(PATIENCE_MS);
    while (!timeout.aborted) {
      const received = await once(socket, 'message', { signal: timeout }).catch(() => undefined);
      const bytes = received?.[0] as Buffer | undefined;
      if (bytes !== undefined && bytes.readUInt32BE(4) === given) return decodeUdpResponse(bytes, 4);
    }
    return undefined;
  }
}
