import { parseSize } from './size.ts';

/** The lowest rate that is accepted, in bytes per second. With less, a block would take longer than peers wait. */
export const MIN_RATE = 1024;
/** The highest rate that is accepted, in bytes per second: 1 TiB. */
export const MAX_RATE = 1024 ** 4;

/**
 * Reads bytes per second, written like a size: `500K`, `10M`, `1.5G`, `50MB`, with or without `/s`.
 *
 * @returns bytes per second, from {@link MIN_RATE} to {@link MAX_RATE}; `undefined` for anything else
 */
export function parseRate(text: string): number | undefined {
  const rate = parseSize(text.replace(/\/s$/i, ''));
  return rate !== undefined && rate >= MIN_RATE && rate <= MAX_RATE ? rate : undefined;
}
