import type { RulesFor } from '../util/index.ts';
import type { SettingKind } from './setting-kinds.ts';

/**
 * A setting: a row in the table of its component. All that is known of it stands there, and what others need of it is made
 * of that: the types of options, help texts, `config/config.properties` and `docs/limits.md`.
 */
export interface Setting<
  T = unknown,
  Key extends string = string,
  Default extends string | undefined = string | undefined,
  Reason extends string = string,
> {
  /** The name of the setting, as it stands in a file: `tracker.port`. */
  readonly key: Key;
  /** The kind of value, with its bounds. */
  readonly kind: SettingKind<T>;
  /** The value when nobody sets it, as a user would write it; `undefined`: it may stay unset. */
  readonly default: Default;
  /** The words that say what it is for, in a sentence or two: for `--help`, and for the files that are made of the tables. */
  readonly help: string;
  /** Further sentences, for `config/config.properties`. */
  readonly note?: string | undefined;
  /** A limit has these: they make its row in `docs/limits.md`. */
  readonly limit?: LimitDoc<Reason> | undefined;
}

/** The words on a setting that is a limit. */
export interface LimitDoc<Reason extends string = string> {
  /** The words that say what happens beyond it. */
  readonly beyond: string;
  /**
   * The labels `reason` under which the tracker's metrics count what it turns away, each with what is counted; none: it has no
   * label of its own.
   */
  readonly reasons?: Readonly<Record<Reason, string>> | undefined;
  /** A metric that shows how often it was met, where no reason does. */
  readonly shownBy?: string | undefined;
}

/** A row as it is written in a table: what is not known of the setting is left out. */
interface Row<T, Key extends string, Default extends string | undefined> {
  readonly key: Key;
  readonly kind: SettingKind<T>;
  readonly default?: Default;
  readonly help: string;
  readonly note?: string;
}

/** Makes a row of a table. */
export function setting<T, const Key extends string, const Default extends string | undefined = undefined>(
  row: Row<T, Key, Default>,
): Setting<T, Key, Default, never> {
  return { ...row, default: row.default as Default };
}

/** Makes a row of a table for a setting that is a limit. */
export function limit<
  const Key extends string,
  const Default extends string,
  const Reason extends string = never,
>({
  beyond,
  reasons,
  shownBy,
  ...row
}: Row<number, Key, Default> & {
  readonly default: Default;
  readonly beyond: string;
  readonly reasons?: Readonly<Record<Reason, string>>;
  readonly shownBy?: string;
}): Setting<number, Key, Default, Reason> {
  return { ...row, limit: { beyond, reasons, shownBy } };
}

/** The value of a setting, as its kind reads it. */
export type ValueOf<Row extends Setting> = Row extends Setting<infer T> ? T : never;

/** The settings of these rows by their names, as they are read. */
export type SettingsOf<Row extends Setting> = {
  readonly [Key in Row['key']]: ReadValue<Extract<Row, { readonly key: Key }>>;
};

type ReadValue<Row extends Setting> = Row['default'] extends string ? ValueOf<Row> : ValueOf<Row> | undefined;

/** Rows by the names that their settings have as options of a component. */
export type Rows = Readonly<Record<string, Setting>>;

/** The options that the settings of these rows are to programs. The doc comments of the rows are those of the options. */
export type OptionsOf<Table extends Rows> = {
  readonly [Name in keyof Table]?: ValueOf<Table[Name]> | undefined;
};

/** Takes the options that these rows describe from settings. */
export function optionsFrom<Table extends Rows>(
  rows: Table,
  settings: Readonly<Record<Table[keyof Table]['key'], unknown>>,
): OptionsOf<Table> {
  const entries = Object.entries(rows).map(([name, { key }]) => [
    name,
    settings[key as Table[keyof Table]['key']],
  ]);
  // Each setting has been read by the kind of its row.
  return Object.fromEntries(entries) as OptionsOf<Table>;
}

/** Makes the rules for options that the rows describe, which check what TypeScript does not. */
export function optionRules<Table extends Rows>(rows: Table): RulesFor<OptionsOf<Table>> {
  const entries = Object.entries(rows).map(([name, { kind }]) => [name, kind.option]);
  return Object.fromEntries(entries) as RulesFor<OptionsOf<Table>>;
}

/** Reads the default of a setting that has one. */
export function defaultOf<T>({ kind, default: text }: Setting<T, string, string>): T {
  // A test reads all defaults.
  return kind.read(text)!;
}
