import { parentPort } from 'node:worker_threads';
import { type HashTask, TaskRunner } from './tasks.ts';

/** A message to a worker. */
export interface WorkerRequest {
  readonly id: number;
  readonly task: HashTask;
}

/** The runner of this worker thread. It answers each task under its id, with the result or with the error. */
const runner = new TaskRunner();
const port = parentPort;
port?.on('message', ({ id, task }: WorkerRequest) => {
  try {
    port.postMessage({ id, result: runner.run(task) });
  } catch (thrown) {
    port.postMessage({ id, thrown });
  }
});
