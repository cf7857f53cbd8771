import { stat } from 'node:fs/promises';
import { type Pair, parseLines } from 'dot-properties';
import { FileKindError, readInput } from '../files/index.ts';
import { toError } from '../util/index.ts';
import { ConfigError } from './config-error.ts';

/** The most bytes of a configuration file. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** A `key=value` of a file, with its escapes resolved and without blanks around the value. */
export interface Property {
  readonly key: string;
  readonly value: string;
  /** The number of its line, counted from 1. */
  readonly line: number;
}

/**
 * Reads a `.properties` file in UTF-8.
 *
 * @returns its properties in the order of the file, or `undefined` when there is no such file
 * @throws {ConfigError} `UNREADABLE`
 */
export async function readPropertiesFile(file: string): Promise<Property[] | undefined> {
  const content = await readPropertiesBytes(file);
  return content && decodeProperties(file, content);
}

/** Reads the properties in the bytes of a file. @throws {ConfigError} `UNREADABLE` when it is not text in UTF-8 */
export function decodeProperties(file: string, content: Uint8Array): Property[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new ConfigError('UNREADABLE', `Cannot read ${file}: it is not text in UTF-8`, { cause });
  }
  return parseProperties(text);
}

/** Tells whether there is a regular file at the path. */
export async function isFile(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** Reads the properties in a text. @see {@link readPropertiesFile} */
export function parseProperties(text: string): Property[] {
  let line = 1;
  let counted = 0;
  return parseLines(text, true)
    .filter((node): node is Required<Pair> => node.type === 'PAIR')
    .map(({ key, value, range: [start] }) => {
      line += text.slice(counted, start).match(/\r\n|\r|\n/g)?.length ?? 0;
      counted = start;
      return { key, value: value.trim(), line };
    });
}

/**
 * Reads the bytes of a file, up to {@link MAX_CONFIG_BYTES}.
 *
 * @returns `undefined` when there is no such file
 * @throws {ConfigError} `UNREADABLE`
 */
export async function readPropertiesBytes(file: string): Promise<Uint8Array | undefined> {
  const limit = MAX_CONFIG_BYTES;
  let content: Uint8Array;
  try {
    content = await readInput(file, limit);
  } catch (thrown) {
    const cause = toError(thrown) as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') return undefined;
    const why = cause instanceof FileKindError ? cause.message : `Cannot read ${file}: ${cause.message}`;
    throw new ConfigError('UNREADABLE', why, { cause });
  }
  if (content.length > limit) {
    throw new ConfigError('UNREADABLE', `Cannot read ${file}: it is larger than ${limit} bytes`);
  }
  return content;
}
