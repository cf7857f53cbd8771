import { afterEach, expect, test, vi } from 'vitest';
import { startLocalSwarm } from '../../test/support/client/index.ts';
import { makeFile, tempFolder } from '../../test/support/index.ts';
import { createHashPool } from '../hashing/index.ts';
import { get } from './index.ts';

afterEach(() => void vi.restoreAllMocks());

test('get() rejects soon after its signal aborts, even if a thing that it closes never closes', async () => {
  await using folder = await tempFolder();
  await makeFile(folder.join('content'), 300_000, 'stop');
  await using swarm = await startLocalSwarm(folder.join('content'));
  const stop = new AbortController();
  const pools = Object.getPrototypeOf(createHashPool()) as { close(): Promise<void> };
  vi.spyOn(pools, 'close').mockImplementation(() => {
    stop.abort(new DOMException('too late', 'TimeoutError'));
    return new Promise(() => {});
  });
  const { torrent, tracker } = swarm;
  const output = folder.join('output');
  const getting = get({
    torrent,
    tracker,
    output,
    host: '127.0.0.1',
    signal: stop.signal,
    onWarning: () => {},
  });
  await expect(getting).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/did not end within 3 s/),
  });
  vi.restoreAllMocks();
});
