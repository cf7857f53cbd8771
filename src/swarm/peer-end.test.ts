import { describe, expect, test } from 'vitest';
import { NetworkError } from '../net/index.ts';
import { WireError } from '../wire/index.ts';
import { HandshakeError } from './handshaking.ts';
import { endOfAttempt, endOfConnection } from './peer-end.ts';

const dialing = (code: string) =>
  new NetworkError('UNREACHABLE', 'no', { cause: Object.assign(new Error('no'), { code }) });

test.each([
  ['timedOut', new NetworkError('ABORTED', 'it took too long')],
  ['timedOut', dialing('ETIMEDOUT')],
  ['refused', dialing('ECONNREFUSED')],
  ['unreachable', dialing('EHOSTUNREACH')],
  ['unreachable', new NetworkError('UNREACHABLE', 'no')],
  ['noHandshake', new HandshakeError('CLOSED', 'closed')],
  ['noHandshake', new HandshakeError('TIMED_OUT', 'nothing came')],
  ['noHandshake', new WireError('NOT_BITTORRENT', 'noise')],
  ['noHandshake', new Error('read ECONNRESET')],
  ['unwanted', new HandshakeError('REFUSED', 'not wanted')],
])('endOfAttempt() returns %s for %s', (end, error) => expect(endOfAttempt(error)).toBe(end));

describe('endOfConnection()', () => {
  test.each([
    ['closed', undefined],
    ['lost', new Error('read ECONNRESET')],
    ['silent', new WireError('PEER_SILENT', 'nothing came')],
    ['brokeProtocol', new WireError('BAD_INDEX', 'no such piece')],
  ])('endOfConnection() returns %s for %s', (end, error) => expect(endOfConnection(error)).toBe(end));
});
