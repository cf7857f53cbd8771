import { type Finding, IS_IT_RUNNING, IS_IT_THE_ADDRESS, USE_HTTPS } from './finding.ts';
import { quotable } from './quotable.ts';

const IS_THERE_A_NETWORK = 'Is this machine on the network?';
const TRUST_ISSUER =
  'If it is to be trusted, name the file of its issuer: NODE_EXTRA_CA_CERTS=/path/issuer.pem.';
const REPLACE_CERTIFICATE = "Its operator has to replace it. Is this machine's date right?";
const UNKNOWN_ISSUER = untrusted('the issuer of its certificate is not known to this machine');

/** The findings for the error codes of Node.js and OpenSSL. */
const BY_CODE: Readonly<Record<string, Finding>> = {
  ECONNREFUSED: { found: 'nobody listens there (connection refused)', advice: IS_IT_RUNNING },
  ENOTFOUND: { found: 'there is no host of that name', advice: IS_IT_THE_ADDRESS, isHopeless: true },
  EAI_AGAIN: { found: 'the name of its host cannot be looked up now', advice: IS_THERE_A_NETWORK },
  EHOSTUNREACH: { found: 'there is no way to its host', advice: IS_IT_RUNNING },
  ENETUNREACH: { found: 'there is no way to its network', advice: IS_THERE_A_NETWORK },
  ETIMEDOUT: { found: 'no connection could be made in time', advice: IS_IT_RUNNING },
  ECONNRESET: {
    found: 'the connection was closed before there was an answer',
    advice: `${IS_IT_THE_ADDRESS} That of a tracker with TLS begins with https://.`,
  },
  EPIPE: { found: 'the connection was closed before all was sent', advice: IS_IT_THE_ADDRESS },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted('its certificate is self-signed, and not known to this machine'),
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  CERT_HAS_EXPIRED: { found: 'its certificate has expired', advice: REPLACE_CERTIFICATE, isHopeless: true },
  CERT_NOT_YET_VALID: {
    found: 'its certificate is not valid yet',
    advice: REPLACE_CERTIFICATE,
    isHopeless: true,
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    found: 'its certificate is for another host name',
    advice: 'Use an address with a name that is in the certificate.',
    isHopeless: true,
  },
};

/** Matches the other codes for a bad certificate, and for a failed TLS handshake. */
const TLS_CODE =
  /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|CERT_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$)/;
/** Matches the messages of OpenSSL for a response that is no TLS at all. */
const NO_TLS = /wrong.version.number|packet.length.too.long|http.request|unknown.protocol/i;
/** The first byte of an alert, which a server with TLS sends to a client without TLS. */
const TLS_ALERT = 0x15;

/** Explains an error of a connection in words for a user. */
export function networkFinding(error: NodeJS.ErrnoException): Finding {
  const { code = '', message } = error;
  const known = BY_CODE[code];
  if (known !== undefined) return known;
  if (isNotHttp(error)) {
    return 'rawPacket' in error && error.rawPacket instanceof Uint8Array && error.rawPacket[0] === TLS_ALERT
      ? { found: 'it speaks TLS there', advice: USE_HTTPS }
      : { found: `the answer is not HTTP (${quotable(message)})`, advice: IS_IT_THE_ADDRESS };
  }
  if (!TLS_CODE.test(code)) return { found: quotable(message) || code };
  if (NO_TLS.test(`${code} ${message}`)) {
    const advice = 'If the tracker has no TLS, begin its address with http://.';
    return { found: 'it does not speak TLS there', advice, isHopeless: true };
  }
  // The message has file names and lines of OpenSSL's sources; the reason is in words.
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : message;
  return { found: `TLS could not be agreed on (${quotable(reason)})`, isHopeless: true };
}

/** Tells whether a server answered, but not in HTTP, by the codes of Node's parser. */
export function isNotHttp({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('HPE_');
}

function untrusted(found: string): Finding {
  return { found, advice: TRUST_ISSUER, isHopeless: true };
}
