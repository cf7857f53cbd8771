import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Random, randomBelow } from '../../src/util/index.ts';
import { HOST } from '../programs/trackers.ts';

/** Swarms of WebTorrent peers, and announces of one before it leaves, at most. */
const SWARMS = 20;
const MAX_ANNOUNCES = 30;
const OFFER_ID_BYTES = 20;

interface WsMessage {
  readonly info_hash?: string;
  readonly peer_id?: string;
  readonly interval?: number;
  readonly complete?: number;
  readonly incomplete?: number;
  readonly offer?: { readonly sdp: string };
  readonly 'failure reason'?: string;
}

/** What WebTorrent peers saw. */
export interface WsSeen {
  answers: number;
  offers: number;
  readonly wrong: string[];
}

/** WebTorrent peers that come, announce with offers and go, one after the other, until it is told to stop. */
export async function announceOverWs(
  port: number,
  random: Random,
  seen: WsSeen,
  signal: AbortSignal,
): Promise<void> {
  for (let number = 0; !signal.aborted; number += 1) {
    const swarm = randomBelow(random, SWARMS);
    const infoHash = String(swarm).padStart(20, 's');
    const peerId = `-WW0001-${String(randomBelow(random, 1e9)).padStart(12, '0')}`;
    const socket = new WebSocket(`ws://${HOST}:${port}/announce`);
    const closed = once(socket, 'close');
    await once(socket, 'open');
    let answered = (): void => {};
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as WsMessage;
      check(message);
      if (message.interval !== undefined) answered();
    });
    socket.on('close', () => answered());
    const announces = 1 + randomBelow(random, MAX_ANNOUNCES);
    for (let at = 0; at < announces && socket.readyState === WebSocket.OPEN; at += 1) {
      const answer = new Promise<void>((resolve) => {
        answered = resolve;
      });
      socket.send(JSON.stringify(announceOf(at)));
      await answer;
    }
    // Some say goodbye, others are just gone.
    if (number % 2 === 0) socket.close();
    else socket.terminate();
    await closed;

    function announceOf(at: number) {
      return {
        action: 'announce',
        info_hash: infoHash,
        peer_id: peerId,
        left: 1,
        numwant: 3,
        ...(at === 0 && { event: 'started' }),
        offers: Array.from({ length: 3 }, (_, offer) => ({
          offer: { type: 'offer', sdp: `${infoHash} ${peerId}` },
          offer_id: `${at}/${offer}`.padStart(OFFER_ID_BYTES, 'o'),
        })),
      };
    }

    function check(message: WsMessage): void {
      if (message['failure reason'] !== undefined) {
        seen.wrong.push(`a WebTorrent peer is refused: ${message['failure reason']}`);
      } else if (message.offer !== undefined) {
        seen.offers += 1;
        const isOurs = message.offer.sdp === `${infoHash} ${message.peer_id}`;
        if (!isOurs || message.peer_id === peerId)
          seen.wrong.push(`an offer goes astray: ${message.offer.sdp}`);
      } else if (message.interval !== undefined) {
        seen.answers += 1;
        if ((message.complete ?? 0) + (message.incomplete ?? 0) < 1)
          seen.wrong.push('a swarm without its peer');
      }
    }
  }
}
