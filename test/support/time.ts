import { type EventEmitter, on } from 'node:events';

/** The milliseconds that a test waits for another program before it gives up: generous, for a loaded machine. */
export const PATIENCE_MS = 40_000;

/** Between two questions of {@link pollUntil}, in milliseconds. */
const POLL_MS = 50;

/**
 * A signal that aborts `ms` from now: what the helpers of this folder take to give up waiting.
 *
 * @example
 * ```ts
 * await seeder.waitForLine(/ready/, deadline(5_000));
 * ```
 */
export function deadline(ms = PATIENCE_MS): AbortSignal {
  return AbortSignal.timeout(ms);
}

/**
 * Waits for an event that fits.
 *
 * @returns the arguments of the first event that `accept` takes
 * @throws {Error} saying what was waited for, when `signal` aborts or the emitter has an error
 *
 * @example
 * ```ts
 * const [socket] = await untilEvent(server, 'connection');
 * await untilEvent(torrent, 'progress', (percent) => percent === 100);
 * ```
 */
export async function untilEvent(
  emitter: EventEmitter,
  event: string,
  accept: (...args: unknown[]) => boolean = () => true,
  signal = deadline(),
): Promise<unknown[]> {
  try {
    for await (const args of on(emitter, event, { signal })) {
      if (accept(...(args as unknown[]))) return args as unknown[];
    }
  } catch (cause) {
    throw new Error(`Waited for the event '${event}', which did not come`, { cause });
  }
  throw new Error(`Waited for the event '${event}': the emitter is done`);
}

/**
 * Asks a program that tells nothing by itself, again and again, until it answers something other than `undefined`.
 * Only for other people's programs: ours have events.
 *
 * @param what the end of the sentence "Waited until …", for the error
 * @param ask what it throws means "not yet"
 * @throws {Error} when `signal` aborts first; its cause is what `ask` threw last, if it threw
 *
 * @example
 * ```ts
 * await pollUntil('the page is served', async () => ((await fetch(url)).ok ? true : undefined));
 * ```
 */
export async function pollUntil<T>(
  what: string,
  ask: (signal: AbortSignal) => Promise<T | undefined> | T | undefined,
  signal = deadline(),
): Promise<T> {
  let last: unknown;
  while (!signal.aborted) {
    try {
      const answer = await ask(signal);
      if (answer !== undefined) return answer;
    } catch (thrown) {
      last = thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`Waited until ${what}, in vain: ${signal.reason}`, { cause: last });
}
