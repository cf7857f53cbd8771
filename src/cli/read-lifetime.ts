import { InvalidArgumentError } from 'commander';

const MILLISECONDS_IN = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Reads a lifetime: `12h`, `30d`. @returns milliseconds @throws {InvalidArgumentError} of commander */
export function readLifetime(text: string): number {
  const match = /^([1-9]\d{0,4})([mhdw])$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Expected a time such as 30m, 12h, 30d or 52w.');
  return Number(match[1]) * MILLISECONDS_IN[match[2] as keyof typeof MILLISECONDS_IN];
}
