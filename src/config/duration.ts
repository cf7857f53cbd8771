const MILLISECONDS_IN = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The longest duration that is accepted, in milliseconds: 500 hours, which a timer of Node.js can still hold. */
export const MAX_DURATION_MS = 500 * MILLISECONDS_IN.h;

/**
 * Reads `500ms`, `30s`, `1.5m`, `1h` or `2d`.
 *
 * @returns milliseconds, from 1 to {@link MAX_DURATION_MS}; `undefined` for anything else, also for a number without unit
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const milliseconds = Math.round(
    Number(match[1]) * MILLISECONDS_IN[match[2] as keyof typeof MILLISECONDS_IN],
  );
  return milliseconds >= 1 && milliseconds <= MAX_DURATION_MS ? milliseconds : undefined;
}

/** Reads a duration as {@link parseDuration} does, or `0` with or without a unit. */
export function parseDurationOrZero(text: string): number | undefined {
  return /^0+(?:\.0+)?(?:ms|s|m|h|d)?$/.test(text) ? 0 : parseDuration(text);
}
