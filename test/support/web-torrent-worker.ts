import { createInterface } from 'node:readline';
import type StubPeer from './stub-webrtc.ts';
import { stubWebRtc } from './stub-webrtc.ts';

// bittorrent-tracker's client as a program: ANNOUNCE_URL INFO_HASH PEER_ID. Does what each line of its input says, and
// prints a line of JSON for whatever happens.

stubWebRtc();
const { default: Client } = await import('bittorrent-tracker/client');

const [announceUrl, infoHash, peerId] = process.argv.slice(2) as [string, string, string];
let left = 1;
const client = new Client({
  infoHash,
  peerId,
  announce: [announceUrl],
  port: 1,
  getAnnounceOpts: () => ({ left }),
});

function tell(event: string, fields: object): void {
  console.log(JSON.stringify({ event, ...fields }));
}

interface Counts {
  readonly infoHash: string;
  readonly complete: number;
  readonly incomplete: number;
  readonly downloaded?: number;
}

client.on('update', ({ complete, incomplete }: Counts) => tell('update', { complete, incomplete }));
client.on('scrape', ({ infoHash: told, complete, incomplete, downloaded }: Counts) => {
  // Over HTTP it gives the hex of the hex.
  const infoHash = told.length === 80 ? Buffer.from(told, 'hex').toString() : told;
  tell('scrape', { infoHash, complete, incomplete, downloaded });
});
// Over HTTP and UDP, a peer is its address.
client.on('peer', (peer: StubPeer | string) => {
  if (typeof peer === 'string') return;
  peer.on('connect', () => tell('connect', { peer: peer.id }));
  peer.on('error', (error: Error) => tell('warning', { message: error.message }));
});
client.on('warning', ({ message }: Error) => tell('warning', { message }));

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [command, ...args] = line.split(' ');
    if (command === 'seed') left = 0;
    else if (command === 'complete') {
      left = 0;
      client.complete();
    } else if (command === 'scrape') client.scrape(args.length === 0 ? undefined : { infoHash: args });
    else if (command === 'start' || command === 'update' || command === 'stop') client[command]();
    else throw new Error(`Unknown command: ${line}`);
  })
  .on('close', () => client.destroy());
