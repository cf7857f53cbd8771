import type { Page, PageRequest } from '../catalog.ts';

/**
 * Cuts a page out of entries that come in the order of a rising number, and reads no more of them than it needs.
 *
 * @param sources the entries, which may begin behind `after`
 * @param sequenceOf is called once for each entry, in order
 * @param total the number of entries on all pages
 */
export function pageOf<Source, Item>(
  sources: Iterable<Source>,
  sequenceOf: (source: Source) => number,
  itemOf: (source: Source) => Item,
  { after, limit }: PageRequest,
  total: number,
): Page<Item> {
  const last = Number(after ?? 0);
  const items: Item[] = [];
  let end = 0;
  for (const source of sources) {
    const sequence = sequenceOf(source);
    if (sequence <= last) continue;
    if (items.length === limit) return { items, total, next: String(end) };
    items.push(itemOf(source));
    end = sequence;
  }
  return { items, total };
}
