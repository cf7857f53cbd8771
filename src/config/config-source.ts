/** The place that the value of a setting came from. */
export type SettingOrigin =
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'default' };

/** The text of a value as it was written, and the place where it was found. */
export interface Found {
  readonly text: string;
  readonly origin: SettingOrigin;
}

/** The settings in one source: in the flags, the environment or the file. */
export type FoundSettings = Map<string, Found>;

/** The settings of each source, before those of the stronger sources replace those of the weaker ones. */
export interface Sources {
  readonly flags: FoundSettings;
  readonly environment: FoundSettings;
  readonly file: FoundSettings;
}

/** A note about the settings for the user, which is no error. */
export interface ConfigNotice {
  readonly level: 'warn' | 'debug';
  readonly message: string;
}

/**
 * Writes an origin so that a user can find it: `config/config.properties:3`, `SHOAL_TRACKER_PORT`, `--port`, `the
 * default`.
 */
export function formatOrigin(origin: SettingOrigin): string {
  switch (origin.kind) {
    case 'flag':
      return origin.flag;
    case 'environment':
      return origin.variable;
    case 'file':
      return `${origin.file}:${origin.line}`;
    case 'default':
      return 'the default';
  }
}
