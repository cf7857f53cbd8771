import { UsageError } from './errors.ts';

/**
 * Refuses a magnet link and a URL where a file is expected: Shoal reads neither yet.
 *
 * @param action the attempt, for the message: `get`
 * @throws {UsageError} that says what to do instead
 */
export function refuseUrl(action: string, text: string): void {
  if (/^magnet:/i.test(text)) {
    const infoHash = /\bxt=urn:btih:([0-9a-f]{40})\b/i.exec(text)?.[1];
    throw new UsageError(`Cannot ${action} ${text}: magnet links are not supported yet`, [
      infoHash === undefined
        ? 'Give the .torrent file of it.'
        : `Give the .torrent file of it or, where the tracker is Shoal's: shoal get ${infoHash.toLowerCase()}`,
    ]);
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new UsageError(`Cannot ${action} ${text}: URLs are not supported yet`, [
      /^file:/i.test(text)
        ? 'Give the path of the file.'
        : 'Download the .torrent with another program first, and give its path.',
    ]);
  }
}
