import { Agent } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { HOST } from '../programs/trackers.ts';
import { fetchBytes } from './http-peers.ts';

/* A peer that announces 20 times a second over HTTP, on a thread of its own, so that what else the soak does holds it up
   no more than it must. When it is told to end, it says how long each answer took. */

/** The milliseconds from one announce to the next. */
const INTERVAL_MS = 50;
const PATH = `/announce?info_hash=${'b'.repeat(20)}&peer_id=${'b'.repeat(20)}&port=9&uploaded=0&downloaded=0&left=1&compact=1`;

const port = workerData as number;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const latencies: number[] = [];
let isOver = false;
parentPort!.once('message', () => {
  isOver = true;
});
while (!isOver) {
  const started = performance.now();
  const body = await fetchBytes({ host: HOST, port, path: PATH, agent });
  if (!body.includes('8:intervali')) throw new Error(`The bystander is refused: ${body.toString('latin1')}`);
  latencies.push(performance.now() - started);
  await setTimeout(Math.max(0, started + INTERVAL_MS - performance.now()));
}
agent.destroy();
parentPort!.postMessage(latencies);
