/** Writes a number with its noun for people, in the singular or the plural: `1 torrent`, `2 torrents`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
