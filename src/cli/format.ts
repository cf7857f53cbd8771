import { formatCount, formatSize } from '../util/index.ts';

export { formatCount, formatSize };

/** Writes bytes per second for people: `2.0 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** Writes a span of time for people, in its two greatest units: `0.2s`, `40s`, `2m 05s`, `3h 20m`, `2d 04h`. */
export function formatSeconds(seconds: number): string {
  if (seconds > 0 && seconds < 9.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${two(whole % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
}

/** Lays out rows in columns, with two blanks between them and numbers aligned to the right. @returns the lines */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  const widths = head.map((title, column) =>
    rows.reduce((widest, row) => Math.max(widest, String(row[column]).length), title.length),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => {
        const isNumeric = typeof (rows[0]?.[column] ?? '') === 'number';
        return isNumeric ? String(cell).padStart(widths[column]!) : String(cell).padEnd(widths[column]!);
      })
      .join('  ')
      .trimEnd(),
  );
}
