import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A constant of the code: the file in `src/` that defines it, without `.ts`, and what stands behind the `=`. */
interface Constant {
  readonly file: string;
  readonly expression: string;
}

const CONSTANT = /^(?:export )?const ([A-Z][A-Z_0-9]+)(?:: [^=]+)? =\s*([^;]+);/gm;

/** The constants of the code by their names. Two files may define constants of the same name. */
export class Constants {
  readonly #constants = new Map<string, Constant[]>();

  /** @param folder holds the sources */
  constructor(folder: string) {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!path.endsWith('.ts') || path.endsWith('.test.ts')) continue;
      for (const [, name, expression] of readFileSync(join(folder, path), 'utf8').matchAll(CONSTANT)) {
        const found = { file: path.slice(0, -'.ts'.length), expression: expression! };
        this.#constants.set(name!, [...(this.#constants.get(name!) ?? []), found]);
      }
    }
  }

  /**
   * Computes the value of a constant that is a number, or a product or power of numbers and constants.
   *
   * @param file the file that defines it, as `cli/run-tracker`; absent: there is only one, or all have the same value
   * @throws {Error} when there is no such number
   */
  value(name: string, file?: string): number {
    const found = (this.#constants.get(name) ?? []).filter(
      (constant) => file === undefined || constant.file === file,
    );
    const values = new Set(found.map(({ expression }) => this.#compute(name, expression)));
    const [value] = values;
    if (value === undefined) throw new Error(`There is no constant ${name} in src/${file ?? ''}`);
    if (values.size > 1) {
      const files = found.map((constant) => constant.file).join(', ');
      throw new Error(`There are several constants ${name}: say which one, as {${name}@FILE}, of ${files}`);
    }
    return value;
  }

  #compute(name: string, expression: string): number {
    const factors = expression.replace(/\s+/g, '').split(/(?<!\*)\*(?!\*)/);
    return factors.reduce((product, factor) => {
      const [base = '', exponent = '1'] = factor.split('**');
      return product * this.#number(name, base) ** this.#number(name, exponent);
    }, 1);
  }

  #number(name: string, text: string): number {
    if (/^\d[\d_]*(?:\.\d+)?$/.test(text)) return Number(text.replaceAll('_', ''));
    if (/^[A-Z][A-Z_0-9]+$/.test(text)) return this.value(text);
    throw new Error(`The value of ${name} is no product of numbers: write it out instead of {${name}}`);
  }
}
