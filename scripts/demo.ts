import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type CompleteSettings, loadSettings } from '../src/cli/settings.ts';
import { formatOrigin } from '../src/config/index.ts';
import { toError } from '../src/util/index.ts';
import { Part, type PartName, paint } from './demo/part.ts';

// npm run demo: a tracker, two seeders and a client, each a process of its own, on the ports of the configuration, that share
// the file that it names. Succeeds only if the tracker's web API lists both seeders and the file has arrived whole.
// `npm run demo -- --config FILE` takes another configuration.

/** The milliseconds that the whole demo may take. */
const LIMIT_MS = 90_000;

interface ListedSeeder {
  readonly host: string;
  readonly port: number;
  readonly torrents: number;
}

const parts: Part[] = [];
const { config: file } = parseArgs({ options: { config: { type: 'string' } } }).values;

async function demo(settings: CompleteSettings): Promise<void> {
  const output = settings['client.outputFileName'] ?? settings['client.fileName'];
  if (output === undefined) throw new Error('The configuration names no file to get: client.fileName');
  await makeWay(output);

  say('A tracker, and two seeders that tell it what they have:');
  const tracker = start('tracker', 'tracker');
  const [, url, webApi] = await tracker.says(/listening on (\S+), web API on (\S+)/);
  const seeders = [
    start('seeder 1', 'seed', '--tracker', url!),
    start('seeder 2', 'seed', '--tracker', url!, '--port', '0'),
  ];
  const ports: number[] = [];
  for (const seeder of seeders) {
    ports.push(Number((await seeder.says(/Seeding .* on \S+:(\d+)/))[1]));
    await seeder.says(/Registered with/);
  }

  say('A client that asks the tracker who has the file, and downloads it from all that answer:');
  await start('client', 'get', '--tracker', url!).succeeds();

  say(`The seeders, says the web API at ${webApi}:`);
  const listed = await listSeeders(webApi!);
  for (const { host, port, torrents } of listed) console.log(`  ${host} port ${port}, torrents: ${torrents}`);
  for (const port of ports) {
    check(
      listed.some((seeder) => seeder.port === port && seeder.torrents > 0),
      `seeder on ${port} is listed`,
    );
  }

  say(`The file, ${output}:`);
  const { size } = await stat(output);
  const sha256 = await sha256Of(output);
  // The client has compared it with all that is given; what is compared here is what is on the disk now.
  check(size === (settings['client.fileSize'] ?? size), `size ${size}`);
  check(sha256 === (settings['client.fileHash'] ?? sha256), `SHA-256 ${sha256}`);
}

function start(name: PartName, ...args: readonly string[]): Part {
  const part = new Part(name, file === undefined ? args : [...args, '--config', file]);
  parts.push(part);
  return part;
}

/** A file from an earlier demo would be found to be there already, and nothing be shown. */
async function makeWay(output: string): Promise<void> {
  const found = await stat(output).catch(() => undefined);
  if (found?.isFile()) await rm(output);
}

async function listSeeders(url: string): Promise<readonly ListedSeeder[]> {
  const answer = (await (await fetch(url)).json()) as { readonly seeders: readonly ListedSeeder[] };
  return answer.seeders;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return hash.digest('hex');
}

function check(isRight: boolean, what: string): void {
  console.log(`  ${isRight ? paint('green', 'ok   ') : paint('red', 'WRONG')} ${what}`);
  if (!isRight) throw new Error(`Not as it should be: ${what}`);
}

function say(what: string): void {
  console.log(`\n${paint('bold', what)}`);
}

/** Rejects when the demo is interrupted, or takes too long. */
async function untilStopped(): Promise<never> {
  const late = new Promise<string>((resolve) => {
    setTimeout(resolve, LIMIT_MS, `It took longer than ${LIMIT_MS / 1000} seconds`).unref();
  });
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  throw new Error(await Promise.race([late, interrupted.then(() => 'It was interrupted')]));
}

try {
  const { settings, origins } = await loadSettings({ env: process.env, ...(file !== undefined && { file }) });
  for (const key of ['tracker.port', 'tracker.webPort', 'seeder.port'] as const) {
    console.log(`${key} = ${settings[key]} (${formatOrigin(origins[key])})`);
  }
  await Promise.race([demo(settings), untilStopped()]);
  say('Done: the file has arrived whole.');
} catch (thrown) {
  const { message } = toError(thrown);
  const hint = /Cannot listen/.test(message)
    ? '\nStop that program, or give the demo another port: SHOAL_TRACKER_PORT, SHOAL_TRACKER_WEB_PORT, SHOAL_SEEDER_PORT.'
    : '';
  console.error(`\n${paint('red', 'The demo failed.')} ${message}${hint}`);
  process.exitCode = 1;
} finally {
  // The tracker ends last, because seeders ask to leave it.
  for (const part of parts.toReversed()) await part.stop();
}
