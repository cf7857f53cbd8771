/**
 * Finds the candidate that takes the fewest edits to reach from `text`. It returns `undefined` when even that takes as
 * many edits as half of the text.
 */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = text.length / 2;
  for (const candidate of candidates) {
    // The difference of the lengths is the least number of edits. This check saves most of the work, and all of it for a
    // very long text.
    if (Math.abs(text.length - candidate.length) >= fewest) continue;
    const edits = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Says what an unknown name may have meant: `did you mean tracker.port?`, or all known names when none is near. */
export function suggest(unknown: string, known: readonly string[]): string {
  const candidate = nearest(unknown, known);
  return candidate === undefined ? `allowed are ${known.join(', ')}` : `did you mean ${candidate}?`;
}

/**
 * Counts the insertions, deletions and replacements of one character that turn one text into the other (Levenshtein's
 * distance).
 */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
