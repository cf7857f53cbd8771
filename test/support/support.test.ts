import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import {
  DIALER_MISBEHAVIOURS,
  Disposables,
  deadline,
  dialBadly,
  freePort,
  makeFile,
  onFreePort,
  PEER_MISBEHAVIOURS,
  pollUntil,
  requirePeers,
  runProcess,
  sha256Of,
  smallDisk,
  spawnProcess,
  startBadPeer,
  startBadTracker,
  TRACKER_MISBEHAVIOURS,
  tempFolder,
} from './index.ts';

const node = (script: string) => spawnProcess(process.execPath, ['-e', script]);

test('waitForLine() finds a line that came before and one that comes later', async () => {
  await using child = await node(
    'console.log("port 1"); process.stdin.on("data", () => console.error("port 2"))',
  );
  expect((await child.waitForLine(/port (1)/))[1]).toBe('1');
  expect((await child.waitForLine(/port (1)/))[1]).toBe('1');
  child.writeLine('go on');
  expect((await child.waitForLine(/port (2)/))[1]).toBe('2');
  expect(child.stdout).toEqual(['port 1']);
});

test('waitForLine() rejects with the output when the process ends or the time is up', async () => {
  await using ending = await node('console.log("last words")');
  await expect(ending.waitForLine(/never/)).rejects.toThrow('last words');
  await using staying = await node('setInterval(() => {}, 1000)');
  await expect(staying.waitForLine(/never/, AbortSignal.abort())).rejects.toThrow('never');
});

test('exitsWith() compares exit codes', async () => {
  await using child = await node('console.log("sorry"); process.exitCode = 3');
  await child.exitsWith(3);
  await expect(child.exitsWith(0)).rejects.toThrow(/found 3(.|\n)*sorry/);
});

test('SpawnedProcess is ended when it goes out of scope, even when it does not want to', async () => {
  let pid: number;
  {
    await using child = await node(
      'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3); console.log("up")',
    );
    await child.waitForLine(/up/);
    pid = child.pid;
  }
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('spawnProcess() names a command that does not exist', async () => {
  await expect(spawnProcess('no-such-command', ['-x'])).rejects.toThrow('Could not run no-such-command -x');
});

test('runProcess() returns stdout', async () => {
  expect(await runProcess('echo', ['a b'])).toBe('a b');
  await expect(runProcess('false', [])).rejects.toThrow('exit code 0, found 1');
});

test('tempFolder() leaves nothing behind', async () => {
  let path: string;
  {
    await using folder = await tempFolder();
    path = folder.path;
    await writeFile(folder.join('a'), 'a');
  }
  await expect(stat(path)).rejects.toThrow('ENOENT');
});

test('makeFile() writes the same bytes for the same seed', async () => {
  await using folder = await tempFolder();
  const size = 2 ** 20 + 1;
  const sha256 = await makeFile(folder.join('deep/down/a'), size, 'seed');
  expect(await sha256Of(folder.join('deep/down/a'))).toBe(sha256);
  expect(await makeFile(folder.join('b'), size, 'seed')).toBe(sha256);
  expect(await makeFile(folder.join('c'), size, 'other')).not.toBe(sha256);
  expect((await stat(folder.join('b'))).size).toBe(size);
  await makeFile(folder.join('empty'), 0, 'seed');
  expect((await stat(folder.join('empty'))).size).toBe(0);
});

test('onFreePort() tries another port', async () => {
  const tried: number[] = [];
  const port = await onFreePort(async (port) => {
    tried.push(port);
    if (tried.length < 2) throw new Error('taken');
    return port;
  });
  expect(tried[1]).toBe(port);
  expect(await freePort()).toBeGreaterThan(0);
});

test('pollUntil() says what it waited for and why it was not so', async () => {
  const asking = pollUntil(
    'pigs fly',
    () => {
      throw new Error('no wings');
    },
    deadline(100),
  );
  await expect(asking).rejects.toThrow('pigs fly');
  await expect(asking).rejects.toMatchObject({ cause: { message: 'no wings' } });
});

test('Disposables disposes in reverse and loses no error', async () => {
  const disposed: string[] = [];
  const owned = new Disposables();
  owned.defer(async () => void disposed.push('first'));
  owned.defer(() => Promise.reject(new Error('stuck')));
  const moved = owned.move();
  await owned[Symbol.asyncDispose]();
  expect(disposed).toEqual([]);
  await expect(moved[Symbol.asyncDispose]()).rejects.toThrow('stuck');
  expect(disposed).toEqual(['first']);
});

test('smallDisk() is full when it is full', async (context) => {
  requirePeers(context, 'tmpfs');
  await using disk = await smallDisk(64 * 1024);
  await writeFile(disk.join('fits'), Buffer.alloc(60_000));
  await expect(writeFile(disk.join('more'), Buffer.alloc(60_000))).rejects.toThrow('ENOSPC');
});

test.each(PEER_MISBEHAVIOURS)('startBadPeer() takes a connection and counts it: %s', async (misbehaviour) => {
  await using bad = await startBadPeer(misbehaviour, { pieceCount: 9 });
  const socket = connect(bad.port, bad.host);
  // It may hang up at any time.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.end(Buffer.concat([Buffer.from('\x13BitTorrent protocol', 'latin1'), Buffer.alloc(48)]));
  // Read, or its end is never seen.
  socket.resume();
  await bad.untilDisconnected();
  expect(bad.connections).toBe(1);
});

test.each(DIALER_MISBEHAVIOURS)(
  'dialBadly() connects, and sees the other side hang up: %s',
  async (misbehaviour) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      // Silence cannot be waited for.
      if (misbehaviour === 'silence') socket.destroy();
      else socket.once('data', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const torrent = { infoHash: '00'.repeat(20), pieceCount: 9 };
    await using bad = await dialBadly(misbehaviour, { host: '127.0.0.1', port, ...torrent });
    await bad.untilDisconnected();
    server.close();
  },
);

test.each(TRACKER_MISBEHAVIOURS)('startBadTracker() takes a request: %s', async (misbehaviour) => {
  await using tracker = await startBadTracker(misbehaviour);
  const abort = new AbortController();
  const answer = fetch(`${tracker.announceUrl}?info_hash=x`, { signal: abort.signal }).catch(() => undefined);
  await tracker.untilAsked();
  abort.abort();
  await answer;
  expect(tracker.requests[0]).toBe('/announce?info_hash=x');
});
