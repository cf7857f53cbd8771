import { ShoalError } from '../../src/util/index.ts';

/** A class of errors, also an abstract one. */
type ErrorClass = abstract new (...args: never[]) => Error;

/** The form of an input whose values are changed as such, beside its bytes. */
export type FuzzForm = 'bencode' | 'json';

/**
 * A parser of what strangers write, and what it promises: for any bytes it returns, or throws one of its declared errors,
 * and it does not change the bytes. A target may promise more, such as that chunks and the whole give the same.
 */
export interface FuzzTarget {
  readonly name: string;
  /** Makes real inputs, from which all others are made. Always the same ones. */
  readonly corpus: () => readonly Uint8Array[];
  /** Texts that mean something to the parser; absent: none. */
  readonly tokens?: readonly string[];
  /** Absent: inputs have no values, only bytes. */
  readonly form?: FuzzForm;
  /** The bytes of the longest input, {@link MAX_INPUT_BYTES} when absent. */
  readonly maxBytes?: number;
  /** Whether an input takes long, as a file or another thread has to do with it: then it gets a tenth of the inputs. */
  readonly isSlow?: boolean;
  /** The errors with which it may refuse an input; absent: none, it refuses by what it returns. */
  readonly refusals?: readonly ErrorClass[];
  /**
   * Gives the parser one input.
   *
   * @returns whether the input was accepted
   * @throws one of the `refusals`; anything else is a broken promise
   */
  readonly run: (input: Uint8Array) => boolean | Promise<boolean>;
}

/** The bytes of the longest input of a target that does not say. */
export const MAX_INPUT_BYTES = 64 * 1024;

/** Tells whether a target may refuse an input with what was thrown: an error of a declared class, with a code if it is ours. */
export function isRefusal({ refusals = [] }: FuzzTarget, thrown: unknown): boolean {
  if (!refusals.some((refusal) => thrown instanceof refusal)) return false;
  return !(thrown instanceof ShoalError) || thrown.code !== '';
}

/** Makes the bytes of a text of one character for each byte. */
export function bytesOf(latin1: string): Uint8Array {
  return new Uint8Array(Buffer.from(latin1, 'latin1'));
}

/** Makes the bytes of a value as JSON. */
export function jsonBytes(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(value)));
}
