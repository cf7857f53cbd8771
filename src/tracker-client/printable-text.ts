/** Characters of a tracker's own words that are kept. */
export const MAX_REMOTE_TEXT = 300;

/** Puts a stranger's text on one line, without what a terminal would obey. */
export function printable(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length <= MAX_REMOTE_TEXT ? line : `${line.slice(0, MAX_REMOTE_TEXT - 1)}…`;
}
