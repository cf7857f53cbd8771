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

/**
 * The riddles of doc comments, which are looked for in the text of a whole comment and the line of code behind it. A
 * comment is given as one line, without the stars.
 */
const COMMENTS: readonly Riddle[] = [
  {
    pattern: /^(?:How|Why|When|Where|That|Whose|Whom|What|Which|Who|Of|Such|Those|So that) [a-z]/,
    instead: 'begin with a verb, or with The or A',
  },
  {
    pattern: /^Whether .* \*\/ (?:export )?(?:async )?(?:function |#?\w+\()/,
    instead: 'begin with a verb: Tells whether',
  },
  { pattern: /\babsent:/, instead: 'by default, or `undefined` when' },
  { pattern: /\bunless (?:given|set|told otherwise)\b/, instead: 'by default' },
  { pattern: /@returns nothing\b/, instead: 'call it `undefined`, or an empty list' },
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

/** Finds the riddles of the doc comments of a program. Their rules are stricter than those for other texts. */
export function findCommentRiddles(text: string): FoundRiddle[] {
  return [...text.matchAll(/^[ \t]*\/\*\*(.*?)\*\/\n([^\n]*)/gms)].flatMap(
    ({ 1: inside = '', 2: code = '', index }) => {
      const words = inside.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
      return COMMENTS.flatMap(({ pattern, instead }) => {
        const found = pattern.exec(`${words} */ ${code.trim()}`)?.[0];
        const line = text.slice(0, index).split('\n').length;
        return found === undefined ? [] : [{ line, found: found.slice(0, MAX_SHOWN), instead }];
      });
    },
  );
}

/** The most characters of a riddle that a message shows. */
const MAX_SHOWN = 60;
