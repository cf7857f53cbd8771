import { printable } from '../util/index.ts';

/** Characters of a tracker's own words that are kept. */
export const MAX_REMOTE_TEXT = 300;

/** Makes a text of a tracker fit to be quoted in a message: one line, not too long, and by `printable()`. */
export function quotable(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, ' ').trim());
  if (line.length <= MAX_REMOTE_TEXT) return line;
  // No joiner of emojis and no half of a surrogate pair is left at the cut.
  return `${line.slice(0, MAX_REMOTE_TEXT - 1).replace(/\u200d?[\ud800-\udbff]?$/, '')}…`;
}
