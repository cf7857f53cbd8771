import { TrackerCallError } from './tracker-call-error.ts';

/**
 * Tells whether every further try of a seeder will be refused until a person does something: its access token is not
 * accepted, or TLS or the certificate is bad. An unknown host name does not count, because it may be known soon.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof TrackerCallError)) return false;
  if (thrown.status === 401 || thrown.status === 403) return true;
  return thrown.isHopeless && !isUnknownHost(thrown);
}

/** Tells whether a call has failed because there is no host of that name, which a program that waits for a long time may outlive. */
export function isUnknownHost(thrown: unknown): boolean {
  if (!(thrown instanceof TrackerCallError)) return false;
  const { cause } = thrown;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND';
}
