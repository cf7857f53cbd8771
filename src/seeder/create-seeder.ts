import { createHashPool } from '../hashing/index.ts';
import { tcpNetwork } from '../net/index.ts';
import { makePeerId, Session } from '../session/index.ts';
import { OpenFiles } from '../storage/index.ts';
import { type ReportError, systemClock, systemRandom } from '../util/index.ts';
import { readOffers } from './offers.ts';
import { RunningSeeder } from './running-seeder.ts';
import type { Seeder, SeederOptions } from './seeder-options.ts';

const warn: ReportError = (error, context) => process.emitWarning(error.message, { detail: context });

/**
 * Makes a torrent of each file, offers them to peers, and keeps the tracker told of all of them: one request at the
 * start, a renewal now and then, and a farewell at the end. While the tracker cannot be reached it is tried again.
 *
 * The same file under the same name has the same info-hash on every machine, so that several seeders share a swarm.
 *
 * @throws {SeederError} with a `code` for each way to fail
 * @throws {NetworkError} PORT_IN_USE when the port to take peers on is taken
 *
 * @example
 * ```ts
 * import { createSeeder } from 'shoal';
 *
 * await using seeder = await createSeeder({ tracker: 'http://tracker.example:9910', paths: ['data'], port: 9911 });
 * console.log(seeder.torrents.map((torrent) => torrent.name));
 * ```
 */
export async function createSeeder(options: SeederOptions): Promise<Seeder> {
  const report = options.onWarning ?? warn;
  const peerId = makePeerId();
  // For the rare peer that asks for hashes; there is no thread before.
  const trees = createHashPool({ threads: 1 });
  // The port first: that it is taken should show before hours of reading.
  const session = await Session.open({
    network: tcpNetwork({ report }),
    clock: systemClock,
    random: systemRandom,
    report,
    makeTrees: trees,
    peerId,
    host: options.bindHost,
    port: options.port ?? 0,
    limits: { up: options.limitUp },
  });
  try {
    await using pool = createHashPool();
    const offers = await readOffers(pool, options);
    return new RunningSeeder(offers, {
      options,
      session,
      trees,
      openFiles: new OpenFiles({ clock: systemClock, report }),
      peerId,
      clock: systemClock,
      random: systemRandom,
      report,
    });
  } catch (thrown) {
    await session.close();
    await trees.close();
    throw thrown;
  }
}
