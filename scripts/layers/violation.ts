import type { Import, SourceFile } from './source-file.ts';

/** Something that docs/architecture.md does not allow. */
export interface Violation {
  /** `src/wire/block.ts:7`, or only a path. */
  readonly where: string;
  readonly what: string;
}

export function violationAt(file: SourceFile, { line, specifier }: Import, what: string): Violation {
  return { where: `${file.path}:${line}`, what: `imports ${specifier}: ${what}` };
}
