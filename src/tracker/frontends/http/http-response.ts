import { ownMemory } from '../../../tracker-protocol/index.ts';
import type { BadRequestError, RequestHead } from './request-head.ts';

/**
 * Makes the response to a tracker request.
 *
 * @param body the body behind {@link HEAD_ROOM} bytes of room, where the head is written
 * @returns head and body, for one write: a view of `body`
 */
export function response(
  { isHead, isHttp10 }: RequestHead,
  body: Uint8Array,
  keepAlive: boolean,
): Uint8Array {
  const head = keepAlive ? (isHttp10 ? OK_HTTP10 : OK) : OK_CLOSE;
  let start = HEAD_ROOM;
  for (let at = HEAD_END.length - 1; at >= 0; at -= 1) body[--start] = HEAD_END[at]!;
  let length = body.length - HEAD_ROOM;
  do {
    body[--start] = ZERO + (length % 10);
    length = Math.floor(length / 10);
  } while (length > 0);
  for (let at = head.length - 1; at >= 0; at -= 1) body[--start] = head[at]!;
  return body.subarray(start, isHead ? HEAD_ROOM : body.length);
}

/** Makes the response to a malformed request, after which the connection closes. */
export function refusal(error: BadRequestError): Buffer {
  const reason = error.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
  const head = `HTTP/1.1 ${error.status} ${reason}\r\nContent-Type: text/plain\r\nConnection: close\r\n`;
  return Buffer.from(`${head}Content-Length: ${Buffer.byteLength(error.message)}\r\n\r\n${error.message}`);
}

/** Joins responses into one piece, for one write. */
export function joined(answers: readonly Uint8Array[]): Uint8Array {
  return answers.length === 1 ? answers[0]! : Buffer.concat(answers);
}

/** Makes the head of a response, up to the length of its body. */
function headOf(connection: string): Buffer {
  return Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${connection}Content-Length: `);
}

const OK = headOf('');
const OK_HTTP10 = headOf('Connection: keep-alive\r\n');
const OK_CLOSE = headOf('Connection: close\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const ZERO = 0x30;

/** Bytes of the longest head, in which the length of the body has 10 digits. */
export const HEAD_ROOM = OK_HTTP10.length + 10 + HEAD_END.length;

/** Memory that gives each response its own piece, with room for a head. */
export const FRESH_MEMORY = ownMemory(HEAD_ROOM);
