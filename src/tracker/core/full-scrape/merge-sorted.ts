/** A run of sorted records of one size, and the offset of its next record. */
interface Run {
  readonly records: Buffer;
  at: number;
}

/** Sorts records by their first bytes. @returns a copy */
export function sortRecords(records: Buffer, size: number, keySize: number): Buffer {
  const starts = Array.from({ length: records.length / size }, (_, index) => index * size);
  starts.sort((a, b) => records.compare(records, b, b + keySize, a, a + keySize));
  return Buffer.concat(starts.map((start) => records.subarray(start, start + size)));
}

/**
 * Merges sorted runs of records. Each record costs about log2 of the number of runs in comparisons.
 *
 * @param runs each of one record or more, sorted by their first bytes
 * @returns views of the records in order; of records that begin with the same key, only the first
 */
export function* mergeSorted(runs: readonly Buffer[], size: number, keySize: number): Generator<Buffer> {
  // The runs are a heap: none is less than its parent, which stands at half its index.
  const heap: Run[] = runs.map((records) => ({ records, at: 0 }));
  for (let place = heap.length >> 1; place >= 0; place -= 1) sink(heap, place, keySize);
  let last: Buffer | undefined;
  while (heap.length > 0) {
    const first = heap[0]!;
    const record = first.records.subarray(first.at, first.at + size);
    first.at += size;
    if (first.at === first.records.length) {
      const moved = heap.pop()!;
      if (heap.length > 0) heap[0] = moved;
    }
    sink(heap, 0, keySize);
    if (last?.compare(record, 0, keySize, 0, keySize) !== 0) yield record;
    last = record;
  }
}

/** Moves a run down the heap to where it belongs. */
function sink(heap: Run[], from: number, keySize: number): void {
  for (let place = from; ; ) {
    let least = place;
    for (const child of [2 * place + 1, 2 * place + 2]) {
      if (child < heap.length && isLess(heap[child]!, heap[least]!, keySize)) least = child;
    }
    if (least === place) return;
    [heap[place], heap[least]] = [heap[least]!, heap[place]!];
    place = least;
  }
}

function isLess(a: Run, b: Run, keySize: number): boolean {
  return a.records.compare(b.records, b.at, b.at + keySize, a.at, a.at + keySize) < 0;
}
