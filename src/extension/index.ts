export { decodeExtendedHandshake } from './decode-extended-handshake.ts';
export { type ExtendedHandshake, encodeExtendedHandshake } from './extended-handshake.ts';
export { ExtendedId } from './extended-id.ts';
export { ExtensionError } from './extension-error.ts';
