/** The most names of files and other entries in one message. Results have all of them. */
const NAMES_TOLD = 3;

/** Joins the first few names for a message, with `…` for the others. */
export function someNames(names: readonly string[]): string {
  return names.slice(0, NAMES_TOLD).join(', ') + (names.length > NAMES_TOLD ? ', …' : '');
}
