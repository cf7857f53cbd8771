import { ShoalError } from '../util/index.ts';

/** The error for a peer's extended message that cannot be read. The reader decides whether to keep the connection. @see BEP 10 */
export class ExtensionError extends ShoalError<'BAD_HANDSHAKE' | 'BAD_MESSAGE'> {}
