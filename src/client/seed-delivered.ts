import type { Storage } from '../storage/index.ts';
import type { SeederRegistration } from '../tracker-client/index.ts';
import { closeAll, toError } from '../util/index.ts';
import type { OutputPlace } from './disk.ts';
import type { DownloadResources } from './download-resources.ts';
import type { TorrentCandidate } from './find.ts';
import type { SeedingResult } from './get-options.ts';
import { registerSeeded } from './register-seeded.ts';
import type { SeedingEnd, SeedingRule } from './seed-until.ts';
import { closeLimit } from './stop.ts';
import { Transfer } from './transfer.ts';

/** An output that is whole, and is to be seeded. */
export interface Delivered {
  readonly candidate: TorrentCandidate;
  readonly output: OutputPlace;
  /** The `fileVersion()` of each of its files before they were checked; `undefined` when they have just been written. */
  readonly versions: readonly string[] | undefined;
  /** The transfer that has downloaded it; `undefined` when it was there already. */
  readonly transfer: Transfer | undefined;
}

/**
 * Seeds what was delivered, from its final place. It never rejects: the output is whole, whatever happens now. What fails is
 * reported.
 *
 * @param trackers the addresses of the trackers to register with
 */
export async function seedDelivered(
  { candidate, output, versions, ...delivered }: Delivered,
  rule: SeedingRule,
  trackers: readonly string[],
  resources: DownloadResources,
): Promise<SeedingResult> {
  const { clock, wakefulClock, report } = resources;
  const startedAt = clock.now();
  const opened: { transfer?: Transfer | undefined; storage?: Storage; registrations?: SeederRegistration[] } =
    {
      transfer: delivered.transfer,
    };
  let end: SeedingEnd = 'failed';
  try {
    const storage = output.openWhole(versions ?? (await output.versions()));
    opened.storage = storage;
    opened.transfer ??= new Transfer(candidate, { storage }, resources);
    opened.registrations = registerSeeded(candidate, trackers, resources);
    end = await opened.transfer.seed(storage, rule);
  } catch (thrown) {
    report(toError(thrown), `seed ${output.path}`);
  }
  const { transfer, storage, registrations = [] } = opened;
  const uploaded = transfer?.moved.uploaded ?? 0;
  const seconds = (clock.now() - startedAt) / 1000;
  const leave = async () => {
    await Promise.all([transfer?.close(), ...registrations.map((registration) => registration.close())]);
  };
  const closing = closeAll(
    [
      { name: 'the seeding', close: leave },
      { name: output.path, close: () => storage?.close() },
    ],
    closeLimit(wakefulClock),
  );
  await closing.catch((thrown: unknown) => report(toError(thrown), 'stop seeding'));
  return { end, uploaded, seconds };
}
