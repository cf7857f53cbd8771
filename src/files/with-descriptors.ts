import {
  type Clock,
  DESCRIPTOR_RETRY_MS,
  lacksDescriptors,
  MAX_DESCRIPTOR_TRIES,
  pause,
} from '../util/index.ts';

/** Does `work`, and tries again while no file descriptor is free, since other work gives its descriptors back soon. */
export async function withDescriptors<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (thrown) {
      if (!lacksDescriptors(thrown) || tries === MAX_DESCRIPTOR_TRIES) throw thrown;
    }
    await pause(clock, DESCRIPTOR_RETRY_MS);
  }
}
