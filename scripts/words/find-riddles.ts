/** A word or an opening that a stranger has to read twice, and what to write in its place. */
export interface Riddle {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** The words that no comment, help text, message, test title or page of the documentation may have. */
const WORDS: readonly Riddle[] = [
  { pattern: /\bwho(?:so)?ever\b/i, instead: 'name who it is: the peer that, everybody who' },
  {
    pattern: /\bgo(?:es|ing)? by (?:the|its|their|his|other|none|where|what)\b/i,
    instead: 'uses, follows, depends on',
  },
  { pattern: /\blikewise\b/i, instead: 'say it again, or put both into one sentence' },
  { pattern: /\bas the next (?:\w+ )?(?:\*\/|$)/i, instead: 'say it at each: lines move' },
  { pattern: /\bof so many\b/i, instead: 'every N-th, a number of' },
  { pattern: /\bso does who\b/i, instead: 'a sentence of its own' },
  { pattern: /\bfarewell\b/i, instead: 'leave, a request to leave' },
];

/** The openings that make a comment a noun clause in place of a sentence. */
const OPENINGS: readonly Riddle[] = [
  {
    pattern: /\/\*\* (?:What|Which|Who|Whom|Of|Such|So that) [a-z]/,
    instead: 'begin with a verb, or with The or A',
  },
];

/** A riddle in a text. */
export interface FoundRiddle {
  /** The number of its line, from 1. */
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/**
 * Finds the riddles of a text.
 *
 * @param isCode whether the text has comments, whose openings are looked at as well
 */
export function findRiddles(text: string, isCode: boolean): FoundRiddle[] {
  const riddles = isCode ? [...WORDS, ...OPENINGS] : WORDS;
  return text.split('\n').flatMap((line, at) =>
    riddles.flatMap(({ pattern, instead }) => {
      const found = pattern.exec(line)?.[0];
      return found === undefined ? [] : [{ line: at + 1, found, instead }];
    }),
  );
}
