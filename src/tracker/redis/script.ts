import { createHash } from 'node:crypto';

/** Lua that the server runs as one step, known to it by its SHA-1. Keys go by the first one, which names the slot. */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

/** @param parts one after the other: what several scripts share comes first */
export function script(...parts: string[]): Script {
  const lua = parts.join('\n');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
