/** Writes a number of things for people: `1 torrent`, `2 torrents`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
