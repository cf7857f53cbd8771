import { ShoalError, toError } from './errors.ts';

/**
 * A callback for an error that no caller waits for. A program logs it; a test fails because of it.
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
 * Calls `handle` and returns its result; when it throws, reports that and returns `undefined`. This is for callbacks of
 * emitters and timers, where an exception would have no caller to reach.
 */
export function handleOrReport<T>(handle: () => T, context: string, report: ReportError): T | undefined {
  try {
    return handle();
  } catch (thrown) {
    report(toError(thrown), context);
    return undefined;
  }
}

/** The error for a callback of a user of the library that threw; its `cause` is what was thrown. */
export class CallbackError extends ShoalError<'CALLBACK_FAILED'> {
  constructor(name: string, cause: unknown) {
    super('CALLBACK_FAILED', `The callback ${name} threw: ${toError(cause).message}`, { cause });
  }
}

/**
 * Wraps a callback that a user of the library gave, so that nothing it throws reaches the timer or the socket that
 * called it, where it would end the process. The same holds for a promise it returns that rejects.
 *
 * This is the one way to call such a callback.
 *
 * @param name the name of the option as the user knows it: `"onProgress"`
 * @param callback the callback; with `undefined`, the result does nothing
 * @param onThrown called with what the callback throws
 */
export function guardCallback<Args extends readonly unknown[]>(
  name: string,
  callback: ((...args: Args) => unknown) | undefined,
  onThrown: (error: CallbackError) => void,
): (...args: Args) => void {
  const fail = (thrown: unknown) => onThrown(new CallbackError(name, thrown));
  return (...args) => {
    const returned = handleOrReport(() => callback?.(...args), name, fail);
    if (isThenable(returned)) inBackground(returned, name, fail);
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
