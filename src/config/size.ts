/** The powers of the units: `K` and `KiB` are 1,024 bytes, `KB` is 1,000. */
const POWER_OF = { K: 1, M: 2, G: 3, T: 4 } as const;

/**
 * Reads a size. `K`, `M`, `G` and `T`, and the same with `iB` behind them, are powers of 1,024; `KB`, `MB`, `GB` and
 * `TB` are powers of 1,000: `65536`, `512K`, `1.5M`, `1GiB`, `50MB`. Case does not matter.
 *
 * @returns bytes, rounded; `undefined` for anything else, also for a fraction of a byte
 */
export function parseSize(text: string): number | undefined {
  const [, whole, fraction = '', unit, suffix] =
    /^(\d{1,16})(\.\d{1,3})?(?:([KMGT])(iB|B)?|B)?$/i.exec(text) ?? [];
  if (whole === undefined || (fraction !== '' && unit === undefined)) return undefined;
  const base = suffix?.toUpperCase() === 'B' ? 1000 : 1024;
  const power = unit === undefined ? 0 : POWER_OF[unit.toUpperCase() as keyof typeof POWER_OF];
  const bytes = Math.round(Number(whole + fraction) * base ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
