import { tcpNetwork } from '../net/index.ts';
import { makePeerId } from '../swarm/index.ts';
import { systemTrackerPorts } from '../tracker-client/index.ts';
import { systemClock, systemRandom, wakefulClock } from '../util/index.ts';
import { getOn, type Machine } from './get-on.ts';
import type { GetOptions, GetResult } from './get-options.ts';
import { SystemDisk } from './system-disk.ts';

/** This machine. */
const machine: Machine = {
  clock: systemClock,
  wakefulClock,
  random: systemRandom,
  makePeerId,
  makeNetwork: tcpNetwork,
  openDisk: (options) => new SystemDisk(options),
  trackerPorts: systemTrackerPorts,
};

/**
 * Gets a file from all machines that have it at once, checks it, and gives it its name only when it is whole.
 *
 * The file is written to `OUTPUT.part`. Every piece is checked when it has come, and the whole file once more if its SHA-256
 * is known. Only then is it renamed. Pieces that an earlier try has left in `OUTPUT.part` are used: a file that was not
 * written to since `OUTPUT.part.resume` was saved is trusted, and all others are checked by their hashes. After a failure
 * `OUTPUT.part` stays if any piece of it is good, and is removed if the whole did not match. While `OUTPUT.part.lock` names a
 * running process, no other one downloads to OUTPUT.
 *
 * A file or folder that is there already is checked, and left alone if it is the wanted one. Otherwise only a regular file or
 * an empty folder at OUTPUT is replaced, in one step, and a file only if the caller has named it. A symbolic link is followed
 * and stays. A folder with other things in it, a device, a named pipe and a socket are refused.
 *
 * While it downloads, it also uploads to other peers. It ends when it has everything, or after `seedForMs` or `seedRatio`. The
 * promise resolves when the seeding is over; `onDelivered` is called when everything is there. An abort after that ends the
 * seeding, and the promise resolves. examples/hand-on.mjs has a deadline that counts until then.
 *
 * When the signal aborts, it ends within a few seconds, even if a disk hangs. A thread that waits for such a disk is left
 * alone. (`process.exit()` waits for that thread; a signal can end the process.)
 *
 * @param options the file to get, its output, the deadline, limits and callbacks
 * @returns the path of the file, and what was downloaded
 * @throws {GetError} with a `code` for each way to fail
 * @throws {NetworkError} PORT_IN_USE when another program listens on the port
 *
 * @example
 * ```ts
 * import { get } from 'shoal';
 *
 * const { path } = await get({
 *   tracker: 'http://tracker.example:9910',
 *   sha256: 'c70c1584d83004a88244887aeeeee5cda82d05d1fa60999e65e307c0615d2ca1',
 *   output: 'aow.txt',
 *   signal: AbortSignal.timeout(30_000),
 * });
 * console.log(`Saved as ${path}`);
 * ```
 */
export async function get(options: GetOptions): Promise<GetResult> {
  return getOn(machine, options);
}
