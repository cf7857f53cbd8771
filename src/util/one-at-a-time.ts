/** Wraps work so that it never runs twice at a time. Calls that come while it runs make it run once more after that. */
export function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let isUnderWay = false;
  let isWanted = false;
  return async () => {
    isWanted = true;
    if (isUnderWay) return;
    isUnderWay = true;
    try {
      while (isWanted) {
        isWanted = false;
        await work();
      }
    } finally {
      isUnderWay = false;
    }
  };
}
