import { createReadStream } from 'node:fs';
import { type Pair, parseLines } from 'dot-properties';
import { toError } from '../util/index.ts';
import { ConfigError } from './config-error.ts';

/** Bytes of a configuration file. */
export const MAX_CONFIG_BYTES = 1024 * 1024;

/** One `key=value` of a file, escapes resolved, blanks around the value dropped. */
export interface Property {
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * Reads a `.properties` file in UTF-8.
 *
 * @returns its properties in the order of the file, or `undefined` when there is no such file
 * @throws {ConfigError} `UNREADABLE`
 */
export async function readPropertiesFile(file: string): Promise<Property[] | undefined> {
  const content = await readUpTo(file, MAX_CONFIG_BYTES);
  if (content === undefined) return undefined;
  try {
    return parseProperties(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    throw new ConfigError('UNREADABLE', `Cannot read ${file}: it is not text in UTF-8`, { cause });
  }
}

/** @see {@link readPropertiesFile} */
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

async function readUpTo(file: string, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of createReadStream(file, { end: limit })) parts.push(part as Uint8Array);
  } catch (thrown) {
    const cause = toError(thrown) as NodeJS.ErrnoException;
    if (cause.code === 'ENOENT') return undefined;
    throw new ConfigError('UNREADABLE', `Cannot read ${file}: ${cause.message}`, { cause });
  }
  const content = Buffer.concat(parts);
  if (content.length > limit) {
    throw new ConfigError('UNREADABLE', `Cannot read ${file}: it is larger than ${limit} bytes`);
  }
  return content;
}
