/** Matches a character of the scripts and symbols that take two columns on a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Counts the columns of a terminal that a text takes, as far as that can be known. */
export function columnsOf(text: string): number {
  return charactersOf(text).reduce((columns, character) => columns + widthOf(character), 0);
}

/**
 * Shortens a name to a number of columns. It leaves out the middle, because the start and the extension tell names apart:
 * `debian-12.5.0…DVD-1.iso`.
 */
export function shorten(name: string, columns: number): string {
  if (columnsOf(name) <= columns) return name;
  if (columns < 1) return '';
  const room = columns - 1;
  const extension = /(?:\.\w{1,4})?\.\w{1,8}$/.exec(name)?.[0] ?? '';
  const characters = charactersOf(name);
  const tail = take(characters.toReversed(), Math.min(Math.max(extension.length, room >> 1), (2 * room) / 3));
  const head = take(characters, room - columnsOf(tail.join('')));
  return `${head.join('')}…${tail.toReversed().join('')}`;
}

function take(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= widthOf(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}

/** Splits a text into the characters that people see: an accent belongs to its letter. */
function charactersOf(text: string): string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

function widthOf(character: string): number {
  return WIDE.test(character) ? 2 : 1;
}
