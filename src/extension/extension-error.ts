import { ShoalError } from '../util/index.ts';

/** A peer's extended message that cannot be read. Whether the connection survives is the reader's choice. @see BEP 10 */
export class ExtensionError extends ShoalError<'BAD_HANDSHAKE' | 'BAD_MESSAGE'> {}
