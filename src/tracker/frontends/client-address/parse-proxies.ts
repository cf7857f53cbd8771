import { type AddressRange, parseAddressRange } from '../../../util/index.ts';
import { TrackerStartError } from '../../errors/index.ts';

/**
 * Reads the addresses of proxies, each an address or a range.
 *
 * @throws {TrackerStartError} BAD_OPTION
 */
export function parseProxies(texts: readonly string[]): AddressRange[] {
  return texts.map((text) => {
    const range = parseAddressRange(text);
    if (range !== undefined) return range;
    throw new TrackerStartError(
      'BAD_OPTION',
      `Cannot read the proxy ${JSON.stringify(text)}: expected an address or a range such as 10.1.0.0/16`,
    );
  });
}
