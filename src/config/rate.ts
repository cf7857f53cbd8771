const BYTES_IN = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/** The lowest rate that is accepted: at less a block of 16 KiB would take longer than peers wait. */
export const MIN_RATE = 1024;
/** The highest rate that is accepted, in bytes per second: 1 TiB. */
export const MAX_RATE = 1024 ** 4;

/**
 * Reads `500K`, `10M` or `1.5G`: bytes per second, each unit 1,024 of the smaller one.
 *
 * @returns bytes per second, from {@link MIN_RATE} to {@link MAX_RATE}; `undefined` for anything else
 */
export function parseRate(text: string): number | undefined {
  const match = /^(\d{1,13}(?:\.\d{1,3})?)([KMG]?)$/i.exec(text);
  if (match === null) return undefined;
  const [, number, unit] = match;
  const rate = Math.round(Number(number) * BYTES_IN[unit!.toUpperCase() as keyof typeof BYTES_IN]);
  return rate >= MIN_RATE && rate <= MAX_RATE ? rate : undefined;
}
