import { printable } from './printable.ts';

/** The most characters that a line for people shows of one text. A path that a disk can hold is shorter. */
export const MAX_SHOWN_CHARACTERS = 4096;

/**
 * Makes a stranger's text, such as a path in a torrent, fit for a line for people: {@link printable}, and without its
 * middle when it has more than {@link MAX_SHOWN_CHARACTERS} characters.
 */
export function shown(text: string): string {
  return printable(withoutMiddle(text));
}

/** Leaves out the middle of a text of more than {@link MAX_SHOWN_CHARACTERS} characters, and says how much that was. */
export function withoutMiddle(text: string): string {
  if (text.length <= MAX_SHOWN_CHARACTERS) return text;
  const half = MAX_SHOWN_CHARACTERS / 2 - ROOM_FOR_COUNT;
  // No half of a surrogate pair is left at the cut.
  const head = text.slice(0, half).replace(/[\ud800-\udbff]$/, '');
  const tail = text.slice(-half).replace(/^[\udc00-\udfff]/, '');
  return `${head} … (${text.length - head.length - tail.length} characters left out) … ${tail}`;
}

/** Half of the room for the words that stand in place of the middle. */
const ROOM_FOR_COUNT = 25;
