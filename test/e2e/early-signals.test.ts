import { describe, expect, test } from 'vitest';
import { makeFile, tempFolder } from '../support/index.ts';
import { eventsOf, shoal } from './shoal.ts';

/** Nobody listens there: it is reserved. */
const NOBODY = 'http://127.0.0.1:1';

/** Has the process send itself signals while it loads the code of its commands, before any command can listen. */
function signalledWhileLoading(...signals: readonly NodeJS.Signals[]) {
  const sending = signals.map((signal) => `process.kill(process.pid, '${signal}');`).join(' ');
  const hook = `export async function load(url, context, next) {
    if (url.endsWith('/base.js')) { ${sending} }
    return next(url, context);
  }`;
  const preload = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))});`;
  return { env: { NODE_OPTIONS: `--no-warnings --import=${dataUrl(preload)}` } };
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

describe('a signal that comes while shoal is being loaded', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s interrupts a command with 130', async (signal) => {
    await using spawned = await shoal(
      ['get', 'x', '--tracker', NOBODY, '--json'],
      signalledWhileLoading(signal),
    );
    await spawned.exitsWith(130);
    expect(eventsOf(spawned).at(-1)).toMatchObject({ event: 'failed', code: 'INTERRUPTED', exitCode: 130 });
  });

  test('stops a tracker with 0', async () => {
    const args = ['tracker', '--port', '0', '--web-port', '0', '--json'];
    await using spawned = await shoal(args, signalledWhileLoading('SIGTERM'));
    await spawned.exitsWith(0);
    expect(eventsOf(spawned).at(-1)).toMatchObject({ event: 'stopped' });
  });

  test('SIGHUP stops no tracker, which reads its settings again once it runs', async () => {
    const args = ['tracker', '--port', '0', '--web-port', '0', '--json'];
    await using spawned = await shoal(args, signalledWhileLoading('SIGHUP'));
    await spawned.waitForLine(/"event":"reloaded"/);
    spawned.kill('SIGTERM');
    await spawned.exitsWith(0);
  });

  test('ends a command at once with 130 when a second one follows', async () => {
    await using folder = await tempFolder();
    await makeFile(folder.join('a'), 10, 'a');
    await using spawned = await shoal(
      ['seed', folder.join('a'), '--tracker', NOBODY],
      signalledWhileLoading('SIGINT', 'SIGTERM'),
    );
    await spawned.exitsWith(130);
    expect(spawned.output).toBe('');
  });
});
