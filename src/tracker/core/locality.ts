import { type AddressRange, isInAnyRange, parseAddressRange } from '../../util/index.ts';
import { TrackerStartError } from '../errors/index.ts';

/** The peers that count as near: those of the zone in which the asking peer is, or else those of its subnet. */
export interface Locality {
  /**
   * Zones of ranges that belong together, as a site's `10.1.0.0/16` and `2001:db8:1::/48`. An address is in the first zone
   * that has it.
   */
  readonly zones: readonly (readonly AddressRange[])[];
}

/** The number of bits of an address that make its subnet. */
const IPV4_SUBNET_BITS = 24;
const IPV6_SUBNET_BITS = 48;

/**
 * Reads zones, each written as ranges: `['10.1.0.0/16', '2001:db8:1::/48']`.
 *
 * @throws {TrackerStartError} BAD_OPTION
 */
export function parseLocality(zones: readonly (readonly string[])[]): Locality {
  return { zones: zones.map((ranges) => ranges.map(parseRange)) };
}

/** Gives the ranges of the addresses that are near to an address. @param ip 4 or 16 bytes */
export function nearTo(ip: Uint8Array, { zones }: Locality): readonly AddressRange[] {
  const zone = zones.find((ranges) => isInAnyRange(ip, ranges));
  return zone ?? [{ prefix: ip, bits: ip.length === 4 ? IPV4_SUBNET_BITS : IPV6_SUBNET_BITS }];
}

function parseRange(text: string): AddressRange {
  const range = parseAddressRange(text);
  if (range !== undefined) return range;
  throw new TrackerStartError(
    'BAD_OPTION',
    `Cannot read the zone ${JSON.stringify(text)}: expected a range such as 10.1.0.0/16 or 2001:db8:1::/48`,
  );
}
