import { expect, test } from 'vitest';
import { spawnProcess } from '../../test/support/index.ts';

/** Runs `statements` before the process is ended with code 6, while a thread of it runs for ever. */
async function endsWith(code: number, statements: string): Promise<void> {
  const url = new URL('./end-process.js', import.meta.url).href;
  const source = `
    import { Worker } from 'node:worker_threads';
    const { endProcess } = await import(${JSON.stringify(url)});
    const worker = new Worker('for (;;);', { eval: true });
    ${statements}
    worker.on('online', () => endProcess(6));
  `;
  await using ended = await spawnProcess(process.execPath, ['--input-type=module', '-e', source]);
  await ended.exitsWith(code);
}

test.runIf(process.platform === 'linux')('endProcess() ends with the exit code', async () => {
  await endsWith(6, '');
});

const isKnown = ['x64', 'arm64'].includes(process.arch);

test.runIf(process.platform === 'linux' && isKnown)(
  'endProcess() ends with the exit code where Node has no execve()',
  async () => {
    await endsWith(6, "Object.defineProperty(process, 'execve', { value: undefined });");
  },
);

test.runIf(process.platform !== 'win32')(
  'endProcess() kills the process where Node has no execve() and the processor is unknown',
  async () => {
    const statements = `
    Object.defineProperty(process, 'execve', { value: undefined });
    Object.defineProperty(process, 'arch', { value: 'another' });
  `;
    await expect(endsWith(6, statements)).rejects.toThrow('SIGKILL');
  },
);
