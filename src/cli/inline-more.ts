import { setFlagsFromString } from 'node:v8';

/** Bytecode of other functions that V8 compiles into one; 920 of its own accord. */
const MAX_INLINED_BYTECODE = 2000;

/**
 * Has V8 compile more of the small functions that an announce goes through into one: it takes 5 to 10 % less time. For a
 * process that does nothing else: before the code runs that is to be compiled so.
 */
export function inlineMore(): void {
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${MAX_INLINED_BYTECODE}`);
}
