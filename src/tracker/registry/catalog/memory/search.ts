import type { Turns } from '../../../../util/index.ts';
import type { Page, PageRequest } from '../catalog.ts';
import type { Selection } from './description-search.ts';

/** The number of descriptions that are looked at before announces get their turn: half a millisecond. */
const STEP = 2048;

/**
 * Cuts a page out of the descriptions that match all fields of the query. It goes through those that match one field, in
 * turns of the event loop. A torrent that is registered meanwhile may be on the page or not.
 */
export async function search<Item>(
  selection: Selection,
  sequenceOf: (description: number) => number,
  itemOf: (description: number) => Item,
  { after, limit }: PageRequest,
  turns: Turns,
): Promise<Page<Item>> {
  const first = Number(after ?? 0);
  const items: Item[] = [];
  let [total, end, last, lookedInAll] = [0, 0, 0, 0];
  let hasMore = false;
  for (;;) {
    let looked = 0;
    for (const description of selection.after(last)) {
      if (looked === STEP) break;
      looked += 1;
      last = sequenceOf(description);
      if (!selection.matches(description)) continue;
      total += 1;
      if (last <= first) continue;
      if (items.length < limit) {
        items.push(itemOf(description));
        end = last;
      } else hasMore = true;
    }
    lookedInAll += looked;
    if (looked < STEP) return { items, total, looked: lookedInAll, ...(hasMore && { next: String(end) }) };
    await turns.next();
  }
}
