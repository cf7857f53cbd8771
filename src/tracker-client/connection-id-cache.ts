import { type Address, formatAddress } from '../util/index.ts';

/** The most connection ids that are remembered, one for each address of a tracker. */
export const MAX_CONNECTION_IDS = 256;
/** The milliseconds for which a client may use a connection id. @see BEP 15 */
const LIFETIME_MS = 60_000;

/** The connection ids of the last minute. */
export class ConnectionIdCache {
  readonly #entries = new Map<string, { readonly connectionId: Uint8Array; readonly until: number }>();

  /** Finds the connection id for an address; `undefined` when there is none or it is too old. @param now in milliseconds */
  get(address: Address, now: number): Uint8Array | undefined {
    const entry = this.#entries.get(formatAddress(address));
    return entry !== undefined && now < entry.until ? entry.connectionId : undefined;
  }

  set(address: Address, connectionId: Uint8Array, now: number): void {
    const key = formatAddress(address);
    this.#entries.delete(key);
    this.#entries.set(key, { connectionId, until: now + LIFETIME_MS });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_CONNECTION_IDS) this.#entries.delete(oldest!);
  }

  delete(address: Address): void {
    this.#entries.delete(formatAddress(address));
  }
}
