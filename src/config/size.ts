const BYTES_IN = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/**
 * Reads a size as `65536`, `512K`, `1.5M` or `1MiB`, each unit 1,024 of the smaller one.
 *
 * @returns bytes, rounded; `undefined` for anything else
 */
export function parseSize(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,13}(?:\.\d{1,3})?)([KMG]?)(?:iB)?$/i.exec(text) ?? [];
  if (number === undefined) return undefined;
  const bytes = Math.round(Number(number) * BYTES_IN[unit!.toUpperCase() as keyof typeof BYTES_IN]);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
