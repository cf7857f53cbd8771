import {
  BencodeDictionary,
  BencodeError,
  type BencodeValue,
  bytesToText,
  decodePrefix,
} from '../bencode/index.ts';
import { COMPACT_IPV4_BYTES, COMPACT_IPV6_BYTES, formatIp } from '../util/index.ts';
import type { ExtendedHandshake } from './extended-handshake.ts';
import { ExtensionError } from './extension-error.ts';
import {
  MAX_EXTENDED_HANDSHAKE_BYTES,
  MAX_EXTENDED_HANDSHAKE_VALUES,
  MAX_EXTENSION_NAME_BYTES,
  MAX_EXTENSIONS,
  MAX_METADATA_BYTES,
  MAX_REQQ,
  MAX_VERSION_BYTES,
} from './limits.ts';

const PORT_BYTES = 2;
const IPV4_BYTES = COMPACT_IPV4_BYTES - PORT_BYTES;
const IPV6_BYTES = COMPACT_IPV6_BYTES - PORT_BYTES;

/**
 * Reads the payload of an extended message with id `ExtendedId.handshake`. A peer may send several; each adds to the
 * one before. A field that is unknown, malformed or beyond its limit counts as absent. Bytes after the dictionary are
 * ignored, and its keys may be in any order.
 *
 * @param payload the bytes; the result holds copies of them
 * @param earlier the sum of the handshakes that the peer has sent before; `undefined` for the first one
 * @returns the sum of all handshakes of the peer
 * @throws {ExtensionError} `BAD_HANDSHAKE` when it is no bencoded dictionary, or too large
 * @see BEP 10
 */
export function decodeExtendedHandshake(payload: Uint8Array, earlier?: ExtendedHandshake): ExtendedHandshake {
  const said = decodeDictionary(payload);
  const port = integerIn(said, 'p', 1, 65_535);
  const version = readVersion(said);
  const yourIp = readIp(said, 'yourip', IPV4_BYTES) ?? readIp(said, 'yourip', IPV6_BYTES);
  const ipv4 = readIp(said, 'ipv4', IPV4_BYTES);
  const ipv6 = readIp(said, 'ipv6', IPV6_BYTES);
  const reqq = integerIn(said, 'reqq', 1, Number.MAX_SAFE_INTEGER);
  const uploadOnly = said.getInteger('upload_only');
  const metadataSize = integerIn(said, 'metadata_size', 1, MAX_METADATA_BYTES);
  return {
    ...earlier,
    ...(port !== undefined && { port }),
    ...(version !== undefined && { version }),
    ...(yourIp !== undefined && { yourIp }),
    ...(ipv4 !== undefined && { ipv4 }),
    ...(ipv6 !== undefined && { ipv6 }),
    ...(reqq !== undefined && { reqq: Math.min(reqq, MAX_REQQ) }),
    ...(uploadOnly !== undefined && { uploadOnly: uploadOnly !== 0 }),
    ...(metadataSize !== undefined && { metadataSize }),
    extensions: addExtensions(new Map(earlier?.extensions), said.getDictionary('m')),
  };
}

function decodeDictionary(payload: Uint8Array): BencodeDictionary {
  let value: BencodeValue;
  try {
    ({ value } = decodePrefix(payload, {
      lenient: true,
      maxBytes: MAX_EXTENDED_HANDSHAKE_BYTES,
      maxValues: MAX_EXTENDED_HANDSHAKE_VALUES,
    }));
  } catch (error) {
    if (!(error instanceof BencodeError)) throw error;
    throw new ExtensionError('BAD_HANDSHAKE', `Cannot read an extended handshake: ${error.message}`, {
      cause: error,
    });
  }
  if (value instanceof BencodeDictionary) return value;
  throw new ExtensionError('BAD_HANDSHAKE', 'Cannot read an extended handshake: it is no dictionary');
}

/** Adds the ids of an `m`. Id 0 turns an extension off; extensions that `m` does not name stay as they are. */
function addExtensions(
  extensions: Map<string, number>,
  m: BencodeDictionary | undefined,
): Map<string, number> {
  for (const name of m?.keys() ?? []) {
    const id = m && integerIn(m, name, 0, 255);
    if (id === 0) extensions.delete(name);
    else if (id !== undefined && name.length <= MAX_EXTENSION_NAME_BYTES) {
      if (extensions.size < MAX_EXTENSIONS || extensions.has(name)) extensions.set(name, id);
    }
  }
  return extensions;
}

function integerIn(
  dictionary: BencodeDictionary,
  key: string,
  least: number,
  most: number,
): number | undefined {
  const value = dictionary.getInteger(key);
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function readIp(dictionary: BencodeDictionary, key: string, length: number): string | undefined {
  const bytes = dictionary.getBytes(key);
  return bytes?.length === length ? formatIp(bytes) : undefined;
}

/** Reads the client's name and version, without control and other invisible characters, as logs and terminals show it. */
function readVersion(dictionary: BencodeDictionary): string | undefined {
  const bytes = dictionary.getBytes('v');
  if (bytes === undefined || bytes.length > MAX_VERSION_BYTES) return undefined;
  const version = bytesToText(bytes).replace(/\p{C}/gu, '');
  return version === '' ? undefined : version;
}
