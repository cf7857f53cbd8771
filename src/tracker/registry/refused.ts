import { RegistryError } from '../errors/index.ts';
import { AddressTakenError, CatalogFullError } from './catalog/index.ts';

/** Turns a refusal of the catalog into the error for the client. @throws {RegistryError} FULL, ADDRESS_TAKEN */
export function refused(thrown: unknown): never {
  if (thrown instanceof CatalogFullError) throw new RegistryError('FULL', thrown.message, { cause: thrown });
  if (!(thrown instanceof AddressTakenError)) throw thrown;
  throw new RegistryError('ADDRESS_TAKEN', thrown.message, { cause: thrown });
}
