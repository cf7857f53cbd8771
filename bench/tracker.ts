import { installCompared, installLoad } from './support/install.ts';
import { listOf, readOptions } from './support/options.ts';
import { benchHttp } from './tracker/http.ts';
import { benchLatency } from './tracker/latency.ts';
import { benchRedis } from './tracker/redis.ts';
import { benchSharedPort } from './tracker/shared-port.ts';
import { benchUdp } from './tracker/udp.ts';
import { benchWs } from './tracker/ws.ts';

// npm run bench:tracker: what trackers do with the same work, over each transport, in turn.

const PARTS = {
  udp: benchUdp,
  http: benchHttp,
  ws: benchWs,
  redis: benchRedis,
  latency: benchLatency,
  shared: benchSharedPort,
} as const;

const given = readOptions({
  swarms: '10000',
  seconds: '5',
  rounds: '3',
  /** The parts to run. */
  parts: Object.keys(PARTS).join(','),
});

const leftOut = await installCompared();
await installLoad();
for (const part of listOf(given.parts)) {
  const bench = PARTS[part as keyof typeof PARTS];
  if (bench === undefined)
    throw new TypeError(`Expected parts of ${Object.keys(PARTS).join()}, found ${part}`);
  try {
    await bench({
      swarms: Number(given.swarms),
      seconds: Number(given.seconds),
      rounds: Number(given.rounds),
      leftOut,
      given,
    });
  } catch (error) {
    console.error(`The part ${part} failed; the others go on:`, error);
    process.exitCode = 1;
  }
}
