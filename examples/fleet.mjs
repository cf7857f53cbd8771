// The day of somebody who hands builds to a fleet. Twenty machines wait for a folder before it exists, and get it from the
// build host and from each other. They get the next version, and take from the first all that has not changed. One machine
// joins late, and the tracker is killed and started again in the middle.
//
// As root, each machine is a network namespace, with a link of its own to a switch. Without root, each is a process.
//
// $ node examples/fleet.mjs            20 machines and 8 MiB
// $ node examples/fleet.mjs 50 256     50 machines and 256 MiB
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeFirstVersion, makeNextVersion } from './fleet/build.mjs';
import { makeMachines } from './fleet/machines.mjs';

const [machineCount = 20, megabytes = 8] = process.argv.slice(2).map(Number);
const SHOAL = fileURLToPath(
  new URL(
    'dist/cli/main.js',
    new URL('./', `file://${createRequire(import.meta.url).resolve('shoal/package.json')}`),
  ),
);

const scratch = await mkdtemp(join(tmpdir(), 'shoal-fleet-'));
const network = makeMachines(machineCount + 2);
const running = new Set();
// A signal ends it in the same way as an error: all that runs and all namespaces are taken away.
const stopped = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => reject(new Error(`Stopped by ${signal}`)));
});
try {
  await Promise.race([playTheDay(network.machines), stopped]);
} finally {
  for (const started of running) started.child.kill('SIGKILL');
  network.remove();
  await rm(scratch, { recursive: true, force: true });
}

async function playTheDay([tracker, buildHost, ...fleet]) {
  const url = `http://${tracker.address}:9910`;
  const late = fleet.pop();
  const target = (machine, version) => join(scratch, `${machine.name}-${version}`);

  // Morning: the fleet waits, for a tracker and a folder that are not there yet.
  const first = join(scratch, 'build-1');
  const waiting = fleet.map((machine) => get(machine, 'app', url, target(machine, 1), ['--wait']));
  let trackerProcess = await startTracker(tracker);
  await makeFirstVersion(first, megabytes * 2 ** 20);
  let publisher = await publish(buildHost, first, url);
  await summarize('first version', first, waiting);
  await stop(publisher);

  // Afternoon: the next version, known by its content id. The tracker dies in the middle, and a machine joins late.
  const next = join(scratch, 'build-2');
  await makeNextVersion(first, next);
  const [id] = idsOf([next]);
  const updating = fleet.map((machine) => {
    const reuse = ['--reuse', target(machine, 1)];
    return get(machine, id, url, target(machine, 2), ['--wait', '--seed-for', '5s', ...reuse]);
  });
  publisher = await publish(buildHost, next, url);
  await Promise.race(updating.map((started) => started.event('done')));
  await stop(trackerProcess, 'SIGKILL');
  trackerProcess = await startTracker(tracker);
  const joining = get(late, id, url, target(late, 2), ['--wait']);
  await summarize('next version', next, updating);
  await summarize('late machine', next, [joining]);
  await stop(publisher);
  await stop(trackerProcess);
}

/** Starts a tracker at which every machine of the network may register. It keeps its state. */
async function startTracker(machine) {
  const listen = ['--host', machine.address, '--port', '9910', '--web-port', '0'];
  const started = shoal(machine, 'tracker', ...listen, '--state-dir', join(scratch, 'state'));
  await started.event('listening');
  return started;
}

/** Offers a folder under the name `app`. */
async function publish(machine, folder, url) {
  const listen = ['--host', machine.address, '--port', '0', '--tracker', url];
  const started = shoal(machine, 'publish', folder, '--name', 'app', '--hidden', ...listen);
  await started.event('registered');
  return started;
}

/** Gets a folder, by its name or its content id. */
function get(machine, wanted, url, output, flags) {
  const common = ['--bind', machine.address, '--timeout', '5m', '--tracker', url, '--output', output];
  return Object.assign(shoal(machine, 'get', wanted, ...common, ...flags), { machine, output });
}

/** Starts `shoal` on a machine. */
function shoal(machine, ...args) {
  const [command, ...before] = [...machine.prefix, process.execPath, SHOAL];
  const child = spawn(command, [...before, ...args, '--json'], {
    cwd: scratch,
    env: { ...process.env, SHOAL_TRACKER_OPEN_REGISTRATION: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events = [];
  let errors = '';
  let look = () => {};
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line));
    look();
  });
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ended = once(child, 'close').then(([exitCode]) => {
    running.delete(started);
    look();
    return exitCode;
  });
  const started = {
    child,
    ended,
    /** Waits for an event of a name. */
    event: (name) =>
      new Promise((resolve, reject) => {
        const lookNow = () => {
          const found = events.find(({ event }) => event === name);
          if (found !== undefined) resolve(found);
          else if (child.exitCode !== null)
            reject(new Error(`shoal ${args.join(' ')} has ended without "${name}": ${errors}`));
          else return;
          look = before;
        };
        const before = look;
        look = () => {
          before();
          lookNow();
        };
        lookNow();
      }),
    errors: () => errors,
  };
  running.add(started);
  return started;
}

async function stop({ child, ended }, signal = 'SIGTERM') {
  child.kill(signal);
  await ended;
}

/** Waits for the machines, checks what each has, and prints what it cost. */
async function summarize(what, source, gets) {
  const results = [];
  for (const started of gets) {
    const exitCode = await started.ended;
    if (exitCode !== 0)
      throw new Error(`${what}: ${started.machine.name} ended with ${exitCode}: ${started.errors()}`);
    results.push(await started.event('done'));
  }
  const [id, ...found] = idsOf([source, ...gets.map(({ output }) => output)]);
  if (found.some((other) => other !== id))
    throw new Error(`${what}: expected ${id} everywhere, found ${found}`);
  const seconds = results.map((result) => result.seconds).sort((a, b) => a - b);
  const mean = (field) => results.reduce((sum, result) => sum + result[field], 0) / results.length / 2 ** 20;
  console.log(
    `${what}: ${results.length} of ${results.length} ended with 0 and have ${id.slice(0, 12)}…, ` +
      `after ${seconds[0].toFixed(1)} to ${seconds.at(-1).toFixed(1)} s; ` +
      `on average ${mean('downloaded').toFixed(1)} MiB from peers and ${mean('reused').toFixed(1)} MiB from disk`,
  );
}

/** Computes content ids as anybody can, from what is on disk. */
function idsOf(folders) {
  const lines = execFileSync(process.execPath, [SHOAL, 'id', '--quiet', ...folders], { encoding: 'utf8' });
  return lines
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 64));
}
