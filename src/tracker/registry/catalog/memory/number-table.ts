/** The binary logarithm of the number of rows of a page. */
const PAGE_BITS = 10;
const PAGE_ROWS = 1 << PAGE_BITS;
const IN_PAGE = PAGE_ROWS - 1;
/** The value of a field that names a row when there is none. */
export const NO_ROW = 0xffff_ffff;

/** A page of rows, and the list of its unused ones. */
class NumberPage {
  readonly numbers: Uint32Array;
  /** The same memory as bytes. */
  readonly bytes: Buffer;
  /** The first row that was never used. */
  fresh = 0;
  /** The number of rows in use. */
  count = 0;
  /** The first of the free rows that were used before; each names the next one in its first field. */
  free = NO_ROW;

  constructor(fields: number) {
    this.numbers = new Uint32Array(PAGE_ROWS * fields);
    this.bytes = Buffer.from(this.numbers.buffer);
  }
}

/**
 * A table of rows with some numbers of 32 bits each. A row keeps its row number until it is released; then the number may be
 * used again. Memory is taken and given back by pages, so that no step copies the table.
 */
export class NumberTable {
  /** The number of fields of a row. */
  readonly #fields: number;
  /** The pages; `undefined` for those that were given back. */
  readonly #pages: (NumberPage | undefined)[] = [];
  /** The numbers of the pages with a free row. */
  readonly #roomy: number[] = [];
  readonly #givenUp: number[] = [];

  constructor(fields: number) {
    this.#fields = fields;
  }

  /** Bytes of all pages. */
  get bytes(): number {
    return (this.#pages.length - this.#givenUp.length) * PAGE_ROWS * this.#fields * 4;
  }

  /** @returns the number of a free row, whose fields the caller sets */
  take(): number {
    if (this.#roomy.length === 0) this.#addPage();
    const at = this.#roomy.at(-1)!;
    const page = this.#pages[at]!;
    let offset = page.free;
    if (offset === NO_ROW) offset = page.fresh++;
    else page.free = page.numbers[offset * this.#fields]!;
    page.count += 1;
    if (page.count === PAGE_ROWS) this.#roomy.pop();
    return at * PAGE_ROWS + offset;
  }

  /** Releases a row. */
  release(row: number): void {
    const at = row >>> PAGE_BITS;
    const page = this.#pages[at]!;
    const offset = row & IN_PAGE;
    page.numbers[offset * this.#fields] = page.free;
    page.free = offset;
    if (page.count === PAGE_ROWS) this.#roomy.push(at);
    page.count -= 1;
    // One page with room is kept, so that a row that comes and goes does not make a page each time.
    if (page.count === 0 && this.#roomy.length > 1) this.#giveUp(at);
  }

  get(row: number, field: number): number {
    return this.#pages[row >>> PAGE_BITS]!.numbers[(row & IN_PAGE) * this.#fields + field]!;
  }

  set(row: number, field: number, value: number): void {
    this.#pages[row >>> PAGE_BITS]!.numbers[(row & IN_PAGE) * this.#fields + field] = value;
  }

  /** @returns the bytes of some fields: a view of the table */
  bytesOf(row: number, field: number, fields: number): Buffer {
    const start = ((row & IN_PAGE) * this.#fields + field) * 4;
    return this.#pages[row >>> PAGE_BITS]!.bytes.subarray(start, start + fields * 4);
  }

  #addPage(): void {
    const at = this.#givenUp.pop() ?? this.#pages.length;
    this.#pages[at] = new NumberPage(this.#fields);
    this.#roomy.push(at);
  }

  #giveUp(at: number): void {
    this.#pages[at] = undefined;
    this.#roomy.splice(this.#roomy.indexOf(at), 1);
    this.#givenUp.push(at);
  }
}
