export { decodeExtendedHandshake } from './decode-extended-handshake.ts';
export { DONT_HAVE, DONT_HAVE_BYTES, decodeDontHave } from './dont-have.ts';
export { type ExtendedHandshake, encodeExtendedHandshake } from './extended-handshake.ts';
export { ExtendedId } from './extended-id.ts';
export { ExtensionError } from './extension-error.ts';
export { MAX_EXTENDED_HANDSHAKE_BYTES } from './limits.ts';
