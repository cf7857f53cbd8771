import type { ListedTorrent } from '../tracker-protocol/index.ts';
import { type GetChoice, GetError } from './get-error.ts';
import type { GetOptions } from './get-options.ts';
import { describeWanted } from './wanted.ts';

/** The most torrents that one message names. */
const CHOICES_TOLD = 5;

/**
 * Lists the files and folders that fit, one entry for each content: torrents of one id are the same file or folder. The list
 * is empty when the query has a hash.
 */
export function choicesOf(
  matches: readonly ListedTorrent[],
  { id, sha256, infoHash }: GetOptions,
): GetChoice[] {
  if (id !== undefined || sha256 !== undefined || infoHash !== undefined) return [];
  const byContent = new Map<string, GetChoice>();
  for (const match of matches) {
    const content = contentOf(match);
    const known = byContent.get(content);
    byContent.set(content, { ...(known ?? match), seeders: match.seeders + (known?.seeders ?? 0) });
  }
  return [...byContent.values()];
}

/** Gives what tells a file or folder from others: its id, or the info-hash of a torrent that has none. */
export function contentOf({ sha256, contentId, infoHash }: GetChoice): string {
  return sha256 ?? contentId ?? infoHash;
}

/** Makes the warning that a query fits several files or folders. @param others the ones that are not chosen */
export function severalFit(
  meant: ListedTorrent,
  others: readonly GetChoice[],
  options: GetOptions,
): GetError {
  const by = others.every((other) => contentOf(other) !== other.infoHash) ? 'its id' : 'its id or info-hash';
  const more = others.length > CHOICES_TOLD ? `, and ${others.length - CHOICES_TOLD} more` : '';
  const told = others.slice(0, CHOICES_TOLD).map(contentOf).join(', ');
  return new GetError(
    'SEVERAL_FIT',
    `${others.length + 1} different files or folders fit ${describeWanted(options)}. The one that was registered first is chosen, ${contentOf(meant)}; get another one by ${by}: ${told}${more}`,
    { choices: [meant, ...others] },
  );
}
