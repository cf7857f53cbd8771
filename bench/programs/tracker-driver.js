// Runs Shoal's tracker with a clock that can be told to go on, so that a snapshot is written, or that everyone expires, at
// a moment of the benchmark's choice. It reads lines: `snapshot`, `expire`.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { createTracker } from '../../build/src/tracker/index.js';

/** Seconds; peers expire after two and a half of them, which connection ids outlive. */
const ANNOUNCE_INTERVAL = 60;
const PEER_TTL = ANNOUNCE_INTERVAL * 2.5 * 1000;
/** A timer of this many milliseconds or more is that of the snapshots. */
const SNAPSHOT_DELAY = 180_000;

let skipped = 0;
let saveSwarms = () => {};
const clock = {
  now: () => performance.now() + skipped,
  setTimer(delay, fire) {
    if (delay >= SNAPSHOT_DELAY) {
      saveSwarms = fire;
      return () => {};
    }
    const timer = setTimeout(() => fire(), delay);
    return () => clearTimeout(timer);
  },
};

const stateDir = `${tmpdir()}/shoal-bench-${process.pid}`;
process.on('exit', () => rmSync(stateDir, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit());
const tracker = await createTracker({
  host: '127.0.0.1',
  port: 0,
  stateDir,
  announceInterval: ANNOUNCE_INTERVAL,
  clock,
});
console.log(`listening on ${tracker.address.port}`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'snapshot') saveSwarms();
  if (line === 'expire') skipped += PEER_TTL + 2000;
}
process.exit();
