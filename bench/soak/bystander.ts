import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Has an honest peer announce beside all else until it is told to stop. @returns milliseconds that each answer took */
export async function standBy(port: number, signal: AbortSignal): Promise<readonly number[]> {
  const thread = new Worker(new URL('./bystander-worker.js', import.meta.url), { workerData: port });
  signal.addEventListener('abort', () => thread.postMessage('stop'));
  const [latencies] = (await once(thread, 'message')) as [readonly number[]];
  return latencies;
}
