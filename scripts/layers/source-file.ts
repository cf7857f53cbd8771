/** An import, a re-export, or an `import()`. */
export interface Import {
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The parts of a TypeScript file that the rules look at. */
export interface SourceFile {
  /** The path from the root of the repository, with slashes: `src/wire/block.ts`. */
  readonly path: string;
  readonly imports: readonly Import[];
  /** The whole text. */
  readonly text: string;
  /** The text with blanks for comments and for what stands in strings, so that each word left is code. */
  readonly code: string;
}

/** Comments, strings, templates, and regular expressions (a slash where a value is expected). */
const NOT_CODE = new RegExp(
  [
    String.raw`//[^\n]*`,
    String.raw`/\*[\s\S]*?\*/`,
    String.raw`'(?:\\.|[^'\\\n])*'`,
    String.raw`"(?:\\.|[^"\\\n])*"`,
    String.raw`\`(?:\\.|[^\`\\])*\``,
    String.raw`(?<=(?:^|[(,=:[!&|?{};+*%~^>]|\breturn|\bcase)\s*)/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/`,
  ].join('|'),
  'g',
);

/** Up to the quote before the specifier. The word `from` is only followed by a quote in an import or a re-export. */
const IMPORT = /\b(?:from|import\s*\(|import)\s*(?=['"])/g;

/** Reads a file; a scanner, not a parser, but for text that tsc has accepted. */
export function parseSource(path: string, text: string): SourceFile {
  const code = text.replace(NOT_CODE, (found) =>
    found.startsWith('`') ? blankTemplate(found) : blankInside(found),
  );
  const imports = Array.from(code.matchAll(IMPORT), ({ index, 0: { length } }) => {
    const quote = index + length;
    const specifier = text.slice(quote + 1, text.indexOf(text[quote]!, quote + 1));
    return { specifier, line: lineAt(text, index) };
  });
  return { path, imports, text, code };
}

/** The line of a position, counted from 1. */
export function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

/** Quotes stay, to be found; newlines stay, to be counted. */
function blankInside(found: string): string {
  const isString = /^['"]/.test(found);
  const inside = isString ? found.slice(1, -1) : found;
  const blank = inside.replace(/[^\n]/g, ' ');
  return isString ? found[0] + blank + found[0] : blank;
}

/** Blanks a template, but for the code in `${…}`. */
function blankTemplate(found: string): string {
  return found.replace(/\$\{[^}]*\}|[^\n]/g, (part) => (part.length > 1 ? part : ' '));
}
