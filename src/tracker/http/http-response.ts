import type { BadRequestError, RequestHead } from './request-head.ts';

/** An answer of the tracker's, head and body in one buffer, for one write. */
export function response({ isHead, isHttp10 }: RequestHead, body: Buffer, keepAlive: boolean): Buffer {
  return message(keepAlive ? (isHttp10 ? OK_HTTP10 : OK) : OK_CLOSE, body, !isHead);
}

/** After it the connection ends. */
export function refusal(error: BadRequestError): Buffer {
  const reason = error.status === 431 ? 'Request Header Fields Too Large' : 'Bad Request';
  return message(
    headOf(`${error.status} ${reason}`, 'Connection: close\r\n'),
    Buffer.from(error.message),
    true,
  );
}

/** Answers in one piece, for one write. */
export function joined(answers: readonly Buffer[]): Buffer {
  return answers.length === 1 ? answers[0]! : Buffer.concat(answers);
}

/** A response's head, up to the number of bytes that follow. */
function headOf(status: string, connection: string): Buffer {
  return Buffer.from(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\n${connection}Content-Length: `);
}

const OK = headOf('200 OK', '');
const OK_HTTP10 = headOf('200 OK', 'Connection: keep-alive\r\n');
const OK_CLOSE = headOf('200 OK', 'Connection: close\r\n');

function message(head: Buffer, body: Buffer, hasBody: boolean): Buffer {
  const length = `${body.length}\r\n\r\n`;
  const bodyAt = head.length + length.length;
  const bytes = Buffer.allocUnsafe(bodyAt + (hasBody ? body.length : 0));
  bytes.set(head);
  for (let at = 0; at < length.length; at += 1) bytes[head.length + at] = length.charCodeAt(at);
  if (hasBody) bytes.set(body, bodyAt);
  return bytes;
}
