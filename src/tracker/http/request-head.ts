import { MAX_PASSKEY_LENGTH } from '../../tracker-protocol/index.ts';
import { ShoalError } from '../../util/index.ts';

/** Bytes of a request's line and headers: a scrape of 100 info-hashes needs 7 KiB. */
export const MAX_REQUEST_HEAD_BYTES = 16 * 1024;
/** Header lines of one request. */
export const MAX_HEADERS = 64;

/** A request that is not HTTP as it should be: answered with `status`, and the connection closed. */
export class BadRequestError extends ShoalError<'BAD_REQUEST' | 'HEAD_TOO_LARGE'> {
  get status(): 400 | 431 {
    return this.code === 'HEAD_TOO_LARGE' ? 431 : 400;
  }
}

/** What is asked of the tracker by `GET` or `HEAD`. */
export type TrackerPath = '/announce' | '/scrape';

/** The parts of a request's head that have a meaning here. */
export interface RequestHead {
  readonly isHead: boolean;
  readonly path: TrackerPath;
  /** What stands before it: `/PASSKEY/announce`. */
  readonly passkey: string | undefined;
  /** What stands after `?`, still escaped. */
  readonly query: string;
  /** Whether the connection stays open after the answer. */
  readonly keepAlive: boolean;
  readonly isHttp10: boolean;
}

const TRACKER_REQUEST = /^(?:GET|HEAD) \/(?:[\w-]{1,64}\/)?(?:announce|scrape)[ ?]/;
/** What may still become one when more bytes come. */
const TRACKER_REQUEST_START =
  /^(?:G|GE|GET|H|HE|HEA|HEAD|(?:GET|HEAD) (?:\/[\w-]{0,64}(?:\/[a-z]{0,8})?)?)?$/;
const LONGEST_START = 'HEAD /'.length + MAX_PASSKEY_LENGTH + '/announce?'.length;

/**
 * Whether the request that starts at `at` is one for the tracker itself, or for someone else, as far as its first
 * bytes tell: `undefined` when more are needed.
 */
export function isTrackerRequest(bytes: Buffer, at: number): boolean | undefined {
  const start = bytes.toString('latin1', at, Math.min(at + LONGEST_START, bytes.length));
  if (TRACKER_REQUEST.test(start)) return true;
  return start.length < LONGEST_START && TRACKER_REQUEST_START.test(start) ? undefined : false;
}

/** RFC 9112, section 3: visible ASCII with single spaces between. */
const REQUEST_LINE = /^(GET|HEAD) (?:\/([\w-]{1,64}))?(\/announce|\/scrape)(?:\?([!-~]*))? HTTP\/1\.([01])$/;
/** RFC 9110, section 5: a token, a colon at once, then no control characters but tabs. Nothing in it can backtrack. */
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Reads the head of a tracker request, strictly: where servers and proxies disagree about where a request ends, one
 * request can be smuggled in another (RFC 9112, section 11.2). So a line ends with CRLF and nothing else, nothing is
 * folded, nothing stands before a colon, `Host` is there once, and there is no body.
 *
 * @param head one character a byte, without the empty line at its end
 * @throws {BadRequestError}
 */
export function parseRequestHead(head: string): RequestHead {
  const lines = head.split('\r\n', MAX_HEADERS + 2);
  if (lines.length === MAX_HEADERS + 2) {
    throw new BadRequestError('HEAD_TOO_LARGE', `A request may have ${MAX_HEADERS} headers, found more`);
  }
  const line = REQUEST_LINE.exec(lines[0]!);
  if (line === null) throw bad('the request line is malformed');
  const isHttp10 = line[5] === '0';
  let hosts = 0;
  let connection = '';
  for (let at = 1; at < lines.length; at += 1) {
    const header = HEADER.exec(lines[at]!);
    if (header === null) throw bad('a header is malformed');
    switch (header[1]!.toLowerCase()) {
      case 'host':
        hosts += 1;
        break;
      case 'connection':
        connection += `,${header[2]!.toLowerCase()}`;
        break;
      case 'content-length':
        if (header[2]!.trim() !== '0') throw bad('it has a body');
        break;
      case 'transfer-encoding':
        throw bad('it has a body');
    }
  }
  if (hosts > 1 || (hosts === 0 && !isHttp10)) throw bad(`it needs one Host header, found ${hosts}`);
  const options = connection.split(',').map((option) => option.trim());
  return {
    isHead: line[1] === 'HEAD',
    path: line[3] === '/announce' ? '/announce' : '/scrape',
    passkey: line[2],
    query: line[4] ?? '',
    keepAlive: isHttp10 ? options.includes('keep-alive') : !options.includes('close'),
    isHttp10,
  };
}

function bad(found: string): BadRequestError {
  return new BadRequestError('BAD_REQUEST', `Cannot read the HTTP request: ${found}`);
}
