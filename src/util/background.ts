import { toError } from './errors.ts';

/**
 * Where an error goes that nobody is waiting for: a log, or a test that fails because of it.
 *
 * @param error what was thrown
 * @param context what was being done, as a phrase: `"announce to http://t.example/announce"`
 */
export type ReportError = (error: Error, context: string) => void;

/**
 * Lets work go on in the background without losing its failure: a rejection is handed to `report`.
 *
 * This is the one way to leave a promise alone. `void promise` and an empty `catch` are not.
 *
 * @example
 * ```ts
 * inBackground(server.renew(), 'renew the registration', (error, context) => log.error({ error }, context));
 * ```
 */
export function inBackground(work: PromiseLike<unknown>, context: string, report: ReportError): void {
  work.then(undefined, (thrown: unknown) => report(toError(thrown), context));
}

/**
 * Calls `handle` and returns what it returns; when it throws, reports that and returns `undefined`.
 * For callbacks of emitters and timers, where an exception would have no caller to reach.
 */
export function handleOrReport<T>(handle: () => T, context: string, report: ReportError): T | undefined {
  try {
    return handle();
  } catch (thrown) {
    report(toError(thrown), context);
    return undefined;
  }
}
