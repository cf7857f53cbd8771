import { describe, expect, test } from 'vitest';
import { networkFinding } from './network-finding.ts';

/** An error as Node.js makes it. */
function failure(code: string, message = code, fields: object = {}): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code, ...fields });
}

const WRONG_VERSION =
  '00EB76D4:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl/record/ssl3_record.c:354:';

describe('networkFinding()', () => {
  test.each<[found: RegExp, advice: RegExp | undefined, isHopeless: boolean, error: NodeJS.ErrnoException]>([
    [/nobody listens/, /running/, false, failure('ECONNREFUSED', '')],
    [/no host of that name/, /address/, true, failure('ENOTFOUND')],
    [/cannot be looked up now/, /network/, false, failure('EAI_AGAIN')],
    [/no way/, /running/, false, failure('EHOSTUNREACH')],
    [/closed before/, /https:/, false, failure('ECONNRESET', 'socket hang up')],
    [/does not speak TLS/, /http:/, true, failure('EPROTO', `write EPROTO ${WRONG_VERSION}`)],
    [/does not speak TLS/, /http:/, true, failure('ERR_SSL_PACKET_LENGTH_TOO_LONG')],
    [
      /^TLS could not be agreed on \(unsupported protocol\)$/,
      undefined,
      true,
      failure('EPROTO', 'x', { reason: 'unsupported protocol' }),
    ],
    [
      /speaks TLS there/,
      /https:/,
      false,
      failure('HPE_INVALID_CONSTANT', 'x', { rawPacket: Buffer.of(0x15, 3) }),
    ],
    [/not HTTP \(Parse Error\)/, /address/, false, failure('HPE_INVALID_CONSTANT', 'Parse Error')],
    [/self-signed/, /NODE_EXTRA_CA_CERTS/, true, failure('DEPTH_ZERO_SELF_SIGNED_CERT')],
    [/issuer/, /NODE_EXTRA_CA_CERTS/, true, failure('UNABLE_TO_VERIFY_LEAF_SIGNATURE')],
    [/expired/, /replace/, true, failure('CERT_HAS_EXPIRED')],
    [/another host name/, /name/, true, failure('ERR_TLS_CERT_ALTNAME_INVALID')],
    [/^EWEIRD$/, undefined, false, failure('EWEIRD', '')],
  ])('finds %s for the error of Node.js, with the advice for it', (found, advice, isHopeless, error) => {
    const finding = networkFinding(error);
    expect(finding.found).toMatch(found);
    if (advice === undefined) expect(finding.advice).toBeUndefined();
    else expect(finding.advice).toMatch(advice);
    expect(finding.isHopeless ?? false).toBe(isHopeless);
  });
});
