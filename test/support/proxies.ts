import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Disposables } from './disposables.ts';
import { onFreePort } from './free-port.ts';
import { spawnProcess } from './process.ts';
import { repositoryRoot } from './root.ts';
import { tempFolder } from './temp-folder.ts';
import { deadline, pollUntil } from './time.ts';

/** A proxy on loopback in front of another port. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
}

/**
 * Starts HAProxy.
 *
 * - `http` adds `X-Forwarded-For` behind what the client sent
 * - `send-proxy`, `send-proxy-v2` pass on bytes, behind a header of the PROXY protocol in that version
 */
export function startHaproxy(kind: 'http' | 'send-proxy' | 'send-proxy-v2', to: number): Promise<Proxy> {
  const isHttp = kind === 'http';
  return startProxy(['haproxy', '-db', '-f'], (port) => [
    'defaults',
    '  timeout connect 5s',
    '  timeout client 30s',
    '  timeout server 30s',
    'listen proxy',
    `  mode ${isHttp ? 'http' : 'tcp'}`,
    ...(isHttp ? ['  option forwardfor'] : []),
    `  bind 127.0.0.1:${port}`,
    `  server one 127.0.0.1:${to}${isHttp ? '' : ` ${kind}`}`,
  ]);
}

/** Reads the example for nginx in docs/running-a-tracker.md. @returns what stands in `http {}`, and in `server {}` */
async function nginxExample(to: number): Promise<{ readonly http: string; readonly server: string }> {
  const docs = await readFile(join(repositoryRoot, 'docs/running-a-tracker.md'), 'utf8');
  const example = /```nginx\n(.*?)```/s.exec(docs)![1]!.replace('127.0.0.1:9910', `127.0.0.1:${to}`);
  const at = example.indexOf('location');
  return { http: example.slice(0, at), server: example.slice(at) };
}

/** Starts nginx with the example in docs/running-a-tracker.md. */
export async function startNginx(to: number): Promise<Proxy> {
  const { http, server } = await nginxExample(to);
  return startProxy(['nginx', '-c'], (port, folder) => [
    'daemon off; master_process off; error_log stderr;',
    `pid ${folder}/pid;`,
    'events {}',
    'http {',
    '  access_log off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `  ${name}_temp_path ${folder}/${name};`,
    ),
    http,
    '  server {',
    `    listen 127.0.0.1:${port};`,
    server,
    '  }',
    '}',
  ]);
}

async function startProxy(
  [command, ...args]: readonly [string, ...string[]],
  linesOf: (port: number, folder: string) => readonly string[],
): Promise<Proxy> {
  await using owned = new Disposables();
  const folder = owned.use(await tempFolder());
  const { child, port } = await onFreePort(async (port) => {
    await using attempt = new Disposables();
    await writeFile(folder.join('config'), `${linesOf(port, folder.path).join('\n')}\n`);
    const child = attempt.use(await spawnProcess(command, [...args, folder.join('config')]));
    const signal = AbortSignal.any([child.ended, deadline()]);
    await pollUntil(`${command} listens`, () => canConnect(port), signal);
    attempt.move();
    return { child, port };
  });
  owned.use(child);
  const all = owned.move();
  return { port, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}

async function canConnect(port: number): Promise<true> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  return true;
}
