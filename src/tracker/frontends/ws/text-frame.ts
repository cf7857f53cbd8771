const TEXT = 0x81;
const TWO_MORE_BYTES = 126;
const EIGHT_MORE_BYTES = 127;

/**
 * Makes a message of one frame as servers send it: unmasked, and in one buffer, for one write. (The package `ws` writes head
 * and text separately.)
 *
 * @see RFC 6455, section 5.2
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length < TWO_MORE_BYTES ? 2 : length < 0x1_0000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = TEXT;
  if (start === 2) frame[1] = length;
  else if (start === 4) {
    frame[1] = TWO_MORE_BYTES;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = EIGHT_MORE_BYTES;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(length, 6);
  }
  frame.write(text, start);
  return frame;
}
