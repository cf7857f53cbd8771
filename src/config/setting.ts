import type { RulesFor } from '../util/index.ts';
import type { SettingKind } from './setting-kinds.ts';

/**
 * A setting, which is a row in the table of its component. The row has all facts about it. The types of options, help texts,
 * `config/config.properties` and `docs/limits.md` are made from it.
 */
export interface Setting<
  T = unknown,
  Key extends string = string,
  Default extends string | undefined = string | undefined,
  Reason extends string = string,
> {
  /** The name of the setting in a file: `tracker.port`. */
  readonly key: Key;
  /** The kind of value, with its bounds. */
  readonly kind: SettingKind<T>;
  /** The default, as a user would write it; `undefined` when the setting may stay unset. */
  readonly default: Default;
  /** The purpose in a sentence or two, for `--help` and for the files that are made from the tables. */
  readonly help: string;
  /** Further sentences, for `config/config.properties`. */
  readonly note?: string | undefined;
  /** The words for its row in `docs/limits.md`; `undefined` when the setting is no limit. */
  readonly limit?: LimitDoc<Reason> | undefined;
}

/** The words about a setting that is a limit. */
export interface LimitDoc<Reason extends string = string> {
  /** The words for what happens beyond the limit. */
  readonly beyond: string;
  /**
   * The labels `reason` under which the tracker's metrics count what it turns away, each with what is counted; none: it has no
   * label of its own.
   */
  readonly reasons?: Readonly<Record<Reason, string>> | undefined;
  /** A metric that shows how often the limit was met, if there is no label for it. */
  readonly shownBy?: string | undefined;
}

/** A row as it is written in a table. Facts that the setting does not have are left out. */
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

/** Rows by the names of the component's options. */
export type Rows = Readonly<Record<string, Setting>>;

/** The options of a component that have these rows. The doc comments of the rows are those of the options. */
export type OptionsOf<Table extends Rows> = {
  readonly [Name in keyof Table]?: ValueOf<Table[Name]> | undefined;
};

/** Picks the options with these rows out of settings. */
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

/** Makes the rules for the options with these rows, for callers without TypeScript. */
export function optionRules<Table extends Rows>(rows: Table): RulesFor<OptionsOf<Table>> {
  const entries = Object.entries(rows).map(([name, { kind }]) => [name, kind.option]);
  return Object.fromEntries(entries) as RulesFor<OptionsOf<Table>>;
}

/** Reads the default of a setting that has one. */
export function defaultOf<T>({ kind, default: text }: Setting<T, string, string>): T {
  // A test reads all defaults.
  return kind.read(text)!;
}
