/** The most names of torrents or files in one message. */
const NAMES_TOLD = 5;

/** Lists the first names of torrents or files, for a message, with the number of the others. */
export function firstOf(names: readonly string[]): string {
  const more = names.length > NAMES_TOLD ? ` and ${names.length - NAMES_TOLD} more` : '';
  return `${names.slice(0, NAMES_TOLD).join(', ')}${more}`;
}
