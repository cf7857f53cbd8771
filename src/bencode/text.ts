const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes as text, for people to read: what is not UTF-8 becomes U+FFFD. */
export function bytesToText(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
