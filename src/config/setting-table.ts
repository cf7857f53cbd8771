import type { Setting } from './setting.ts';

/** The options of a {@link SettingTable}. */
export interface SettingTableOptions<Key extends string> {
  /** The older names of settings, which may still be used. */
  readonly olderKeys?: Readonly<Record<string, Key>>;
  /** The start of names that other programs also have. A file with no other names does not count as Shoal's. */
  readonly commonPrefix?: string;
}

/** The settings of all components, in the order of the documentation. */
export class SettingTable<Row extends Setting> {
  readonly rows: readonly Row[];
  readonly keys: readonly Row['key'][];
  readonly #byKey: ReadonlyMap<string, Row>;
  readonly #olderKeys: ReadonlyMap<string, Row['key']>;
  readonly #commonPrefix: string | undefined;

  constructor(rows: readonly Row[], options: SettingTableOptions<Row['key']> = {}) {
    this.rows = rows;
    this.keys = rows.map(({ key }) => key);
    this.#byKey = new Map(rows.map((row) => [row.key, row]));
    this.#olderKeys = new Map(Object.entries(options.olderKeys ?? {}));
    this.#commonPrefix = options.commonPrefix;
  }

  /** Finds the row of a setting. */
  row(key: Row['key']): Row {
    return this.#byKey.get(key)!;
  }

  /** Finds the setting of a name, which may be an older one. It returns `undefined` when there is none. */
  keyOf(name: string): Row['key'] | undefined {
    return this.#byKey.has(name) ? name : this.#olderKeys.get(name);
  }

  /** Tells whether a name is that of a setting, and does not begin like names of other programs. */
  isOwn(name: string): boolean {
    const isCommon = this.#commonPrefix !== undefined && name.startsWith(this.#commonPrefix);
    return !isCommon && this.keyOf(name) !== undefined;
  }

  /** Tells whether a name begins like that of a setting. */
  beginsLikeOne(name: string): boolean {
    return this.keys.some((key) => name.startsWith(key.slice(0, key.indexOf('.') + 1)));
  }

  /** Lists every environment variable with its setting, also the variables of older names. */
  byVariable(): Map<string, Row['key']> {
    return new Map([
      ...this.keys.map((key) => [variableOf(key), key] as const),
      ...[...this.#olderKeys].map(([name, key]) => [variableOf(name), key] as const),
    ]);
  }
}

/** The start of the names of all environment variables of settings. */
export const VARIABLE_PREFIX = 'SHOAL_';

/** Makes the name of a setting's environment variable: `client.fileName` is `SHOAL_CLIENT_FILE_NAME`. */
export function variableOf(key: string): string {
  return `${VARIABLE_PREFIX}${key
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .toUpperCase()}`;
}
