import { TrackerError } from './tracker-error.ts';

/** OpenSSL's and Node's codes for a certificate that is not trusted, or is another host's. */
const CERTIFICATE_CODE =
  /^(?:CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED_CERT$|SELF_SIGNED_CERT_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$)/;

/**
 * Tells whether an answer will be the same however often the tracker is asked: it does not accept the access token, or its
 * certificate cannot be trusted. What is done about it is up to a person.
 */
export function isRefusal(thrown: unknown): boolean {
  if (!(thrown instanceof TrackerError)) return false;
  if (thrown.code === 'UNSUPPORTED' || thrown.status === 401 || thrown.status === 403) return true;
  const { cause } = thrown;
  return cause instanceof Error && 'code' in cause && CERTIFICATE_CODE.test(String(cause.code));
}
