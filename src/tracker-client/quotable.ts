import { printable } from '../util/index.ts';

/** The most characters of a tracker's own words that a message shows. */
export const MAX_REMOTE_TEXT = 300;

/** Makes a tracker's text fit to be quoted in a message: one printable line that is not too long. */
export function quotable(text: string): string {
  const line = printable(text.replaceAll(/\s+/g, ' ').trim());
  if (line.length <= MAX_REMOTE_TEXT) return line;
  // The cut leaves no joiner of emojis and no half of a surrogate pair.
  return `${line.slice(0, MAX_REMOTE_TEXT - 1).replace(/\u200d?[\ud800-\udbff]?$/, '')}…`;
}
