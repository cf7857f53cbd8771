import type { Page, PageRequest } from '../catalog.ts';

/**
 * Cuts a page out of things that come in the order of a rising number.
 *
 * @param sequenceOf called once for each, in order
 */
export function pageOf<Source, Item>(
  sources: Iterable<Source>,
  sequenceOf: (source: Source) => number,
  itemOf: (source: Source) => Item,
  { after, limit }: PageRequest,
): Page<Item> {
  const last = Number(after ?? 0);
  const items: Item[] = [];
  let total = 0;
  let end = 0;
  let hasMore = false;
  for (const source of sources) {
    const sequence = sequenceOf(source);
    total += 1;
    if (sequence <= last) continue;
    if (items.length === limit) hasMore = true;
    else {
      items.push(itemOf(source));
      end = sequence;
    }
  }
  return { items, total, ...(hasMore && { next: String(end) }) };
}
