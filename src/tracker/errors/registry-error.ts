import { ShoalError } from '../../util/index.ts';

/** The error for a seeder's request that is refused. The message is meant to be read by the seeder's user. */
export class RegistryError extends ShoalError<
  | 'BAD_FIELD'
  /** No seeder is known by that id: a seeder that hears this registers again. */
  | 'UNKNOWN_SEEDER'
  | 'UNKNOWN_TORRENT'
  /** The token is missing, or is not this seeder's. */
  | 'NO_TOKEN'
  | 'WRONG_TOKEN'
  | 'FULL'
  /** Another seeder is registered at the address, and this one may not take its place. */
  | 'ADDRESS_TAKEN'
> {
  /** The path of the field with the fault, for BAD_FIELD: `torrents.3.metainfo`. */
  readonly field: string | undefined;

  constructor(
    code: RegistryError['code'],
    message: string,
    { field, cause }: { field?: string; cause?: unknown } = {},
  ) {
    super(code, message, { cause });
    this.field = field;
  }
}

export function unknownSeeder(id: string): RegistryError {
  return new RegistryError('UNKNOWN_SEEDER', `No seeder ${id} is registered; register again`);
}
