import { type Random, seededRandom } from '../../src/util/index.ts';
import { FORMS } from './forms.ts';
import { type FuzzTarget, MAX_INPUT_BYTES } from './fuzz-target.ts';
import { mutateBytes, oneOf } from './mutate-bytes.ts';
import { type FuzzValue, mutateValue } from './mutate-value.ts';

/** The inputs of a target: each is made from the seed and its number alone, so that one can be made again by itself. */
export class FuzzInputs {
  readonly #target: FuzzTarget;
  readonly #seed: number;
  readonly #corpus: readonly Uint8Array[];
  /** The inputs of the corpus that have the target's form, as values. */
  readonly #values: readonly FuzzValue[];

  /** @param seed 32 bits */
  constructor(target: FuzzTarget, seed: number) {
    this.#target = target;
    this.#seed = seed;
    this.#corpus = target.corpus();
    const { form } = target;
    this.#values = form === undefined ? [] : this.#corpus.flatMap((bytes) => FORMS[form].read(bytes) ?? []);
  }

  /** Makes an input. The first ones are the corpus itself. */
  at(index: number): Uint8Array {
    const { maxBytes = MAX_INPUT_BYTES } = this.#target;
    const whole = this.#corpus[index];
    if (whole !== undefined) return new Uint8Array(whole);
    const random = seededRandom(
      Math.imul(this.#seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(index, 0xc2b2_ae35),
    );
    return new Uint8Array(this.#mutated(random).subarray(0, maxBytes));
  }

  #mutated(random: Random): Uint8Array {
    const { form, tokens = [] } = this.#target;
    if (form === undefined || this.#values.length === 0 || random.next() < 0.4) {
      return mutateBytes(oneOf(random, this.#corpus), random, this.#corpus, tokens);
    }
    const { leaves } = FORMS[form];
    const bytes = FORMS[form].write(
      mutateValue(oneOf(random, this.#values), random, this.#values, [...leaves, ...tokens]),
    );
    return random.next() < 0.8 ? bytes : mutateBytes(bytes, random, this.#corpus, tokens);
  }
}
