import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

/** Compiled, this file stands in `build/scripts/demo/`. */
const SHOAL = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** The milliseconds that a part may take to end when it is asked to, before it is killed. */
const GRACE_MS = 5000;

const NAME_WIDTH = 10;

const COLOURS = { tracker: 'yellow', 'seeder 1': 'green', 'seeder 2': 'cyan', client: 'magenta' } as const;

/** The name of a part of the demo. */
export type PartName = keyof typeof COLOURS;

/** A process of `shoal`. What it says is printed behind its name. */
export class Part {
  readonly #name: PartName;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #ended: Promise<unknown>;
  #onLine: () => void = () => undefined;
  #hasEnded = false;

  constructor(name: PartName, args: readonly string[]) {
    this.#name = name;
    this.#child = spawn(process.execPath, [SHOAL, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.#take(line));
    }
    this.#ended = once(this.#child, 'close').then(() => {
      this.#hasEnded = true;
      this.#onLine();
    });
  }

  /**
   * Waits for a line.
   *
   * @throws {Error} with the last thing it said, when it ends without such a line
   */
  async says(pattern: RegExp): Promise<RegExpMatchArray> {
    for (let at = 0; ; ) {
      for (; at < this.#lines.length; at += 1) {
        const found = this.#lines[at]!.match(pattern);
        if (found !== null) return found;
      }
      if (this.#hasEnded)
        throw new Error(`The ${this.#name} ended before it was ready: ${this.#lines.at(-1) ?? ''}`);
      await new Promise<void>((resolve) => {
        this.#onLine = resolve;
      });
    }
  }

  /** Waits until it has ended by itself. @throws {Error} when that was not with exit code 0 */
  async succeeds(): Promise<void> {
    await this.#ended;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0)
      throw new Error(`The ${this.#name} ended with ${signalCode ?? `exit code ${exitCode}`}`);
  }

  /** Asks it to end, kills it if it does not, and waits for that. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    await this.#ended;
    clearTimeout(kill);
  }

  #take(line: string): void {
    this.#lines.push(line);
    console.log(`${paint(COLOURS[this.#name], this.#name.padEnd(NAME_WIDTH))}${line}`);
    this.#onLine();
  }
}

/** Colours a text where a terminal shows it and nobody objects. */
export function paint(style: Parameters<typeof styleText>[0], text: string): string {
  return process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text;
}
