/** The unit in which a number is written: `size` takes bytes, `s` seconds, the others milliseconds. */
export type Unit = 'count' | 'size' | 'ms' | 'min' | 'h' | 's';

const SIZES = [
  [1024 ** 4, 'TiB'],
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;

/**
 * Writes a number as the docs have it: `16 MiB`, `1.5 s`, `1,000,000`.
 *
 * @param unit absent: that which the name of the constant tells
 */
export function formatNumber(value: number, unit: Unit | undefined, name = ''): string {
  switch (unit ?? unitOf(name)) {
    case 'size':
      return formatSize(value);
    case 'ms':
      return value < 1000 ? `${value} ms` : `${value / 1000} s`;
    case 's':
      return `${value} s`;
    case 'min':
      return `${value / 60_000} min`;
    case 'h':
      return `${value / 3_600_000} h`;
    case 'count':
      return value.toLocaleString('en');
  }
}

function unitOf(name: string): Unit {
  if (/_MS$/.test(name)) return 'ms';
  return /BYTES/.test(name) ? 'size' : 'count';
}

function formatSize(bytes: number): string {
  const [size, unit] = SIZES.find(([power]) => bytes % power === 0) ?? [];
  return size === undefined ? bytes.toLocaleString('en') : `${bytes / size} ${unit}`;
}
