import { parentPort } from 'node:worker_threads';
import { type HashTask, TaskRunner } from './tasks.ts';

/** A message to a worker. */
export interface WorkerRequest {
  readonly id: number;
  readonly task: HashTask;
}

/** The runner of this worker thread, which answers each task by its id, and a task that throws by what it threw. */
const runner = new TaskRunner();
const port = parentPort;
port?.on('message', ({ id, task }: WorkerRequest) => {
  try {
    port.postMessage({ id, result: runner.run(task) });
  } catch (thrown) {
    port.postMessage({ id, thrown });
  }
});
