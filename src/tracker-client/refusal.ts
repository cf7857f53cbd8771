import { TrackerCallError } from './tracker-call-error.ts';

/**
 * Tells whether every further try of a seeder will be refused until a person does something: its access token is not
 * accepted, or TLS or the certificate is bad. An unknown host name does not count, because it may be known soon.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof TrackerCallError)) return false;
  if (thrown.status === 401 || thrown.status === 403) return true;
  const { cause } = thrown;
  const isUnknownHost = cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND';
  return thrown.isHopeless && !isUnknownHost;
}
