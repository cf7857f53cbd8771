import type { Page, PageRequest } from '../catalog.ts';

/**
 * Cuts a page out of things that come in the order of a rising number, and looks no further than that.
 *
 * @param sources may begin behind `after`
 * @param sequenceOf called once for each, in order
 * @param total of things on all pages
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
