import { createHash } from 'node:crypto';

/**
 * A Lua script that the server runs as one step, known to it by its SHA-1. The first key names the slot, which all its keys
 * share.
 */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** @param parts the texts that make the script, in order; a text that several scripts share comes first */
export function script(...parts: string[]): Script {
  const lua = parts.join('\n');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
