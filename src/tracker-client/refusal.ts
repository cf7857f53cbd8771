import { TrackerCallError } from './tracker-call-error.ts';

/**
 * Tells whether a seeder will be refused however often it asks: its access token is not accepted, or TLS or the certificate
 * is not good. What is done about it is up to a person. A host name that is not known may be known in a moment.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof TrackerCallError)) return false;
  if (thrown.status === 401 || thrown.status === 403) return true;
  const { cause } = thrown;
  const isUnknownHost = cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND';
  return thrown.isHopeless && !isUnknownHost;
}
