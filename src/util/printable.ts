/**
 * The characters that a terminal or a log must not get: control characters, line ends, those that change the direction
 * of writing, and those that are invisible or undefined. Of the invisible ones, the selector of an emoji's form and a
 * joiner between emojis are let through, but not one beside an emoji to come, which is undefined.
 */
const HIDDEN =
  /(?![\ufe0e\ufe0f])(?!(?<=(?!\p{Cn})[\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f)\u200d(?=(?!\p{Cn})\p{Extended_Pictographic}))[\p{Cc}\p{Cf}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text of plain ASCII, which most are and which has nothing to hide. */
const PLAIN = /^[ -~]*$/;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Makes any text fit for a terminal or a log: what could move the cursor, hide, or turn the writing around is shown as
 * an escape of JavaScript, like `\n`, `\x1b` or `\u202e`. All other characters, of every script, stay as they are. A
 * byte that is not UTF-8 in a path of {@link diskPathFromBytes} is shown as `\xb2`.
 */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(HIDDEN, escaped);
}

/**
 * Makes a line of JSON fit for a terminal or a log, as {@link printable} does. A character that could do harm is written
 * as an escape of JSON, so that a program that reads the line gets the true text.
 */
export function printableJson(line: string): string {
  if (PLAIN.test(line)) return line;
  return line.replaceAll(HIDDEN, (character) =>
    // The newline that ends the line itself stays.
    character === '\n'
      ? character
      : character.replaceAll(/[\s\S]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`),
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${hex(code - 0xdc00, 2)}`;
  if (code > 0xffff) return `\\u{${hex(code, 5)}}`;
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
