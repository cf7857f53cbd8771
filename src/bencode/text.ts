const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads bytes as text for people, with U+FFFD for what is not UTF-8. */
export function bytesToText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
