/** Counts the bytes of all views together. */
export function totalLength(views: readonly Uint8Array[]): number {
  return views.reduce((sum, view) => sum + view.length, 0);
}

/**
 * Makes views of the same memory from `start` to `end`, counted over all views as if they were one. No view of the
 * result is empty.
 */
export function sliceViews(views: readonly Uint8Array[], start: number, end: number): Uint8Array[] {
  const slices: Uint8Array[] = [];
  let at = 0;
  for (const view of views) {
    const [from, to] = [Math.max(start - at, 0), Math.min(end - at, view.length)];
    if (from < to) slices.push(from === 0 && to === view.length ? view : view.subarray(from, to));
    at += view.length;
  }
  return slices;
}
