import { posix } from 'node:path';
import { isSettingsTable, isTestCode, targetOf } from './paths.ts';
import type { Repository } from './repository.ts';
import type { Violation } from './violation.ts';

/** The name of a folder's own files beside its sub-folders. */
const OWN_FILES = '(own files)';

/**
 * Finds the parts of a folder that use each other, directly or through others: its sub-folders, and its own files taken
 * together. That holds for `src/` and for every folder in it, at any depth. A table of settings is no part of its folder.
 */
export function findCycles({ files }: Repository): Violation[] {
  const graphs = new Map<string, Map<string, Set<string>>>();
  for (const file of files) {
    if (isTestCode(file.path)) continue;
    for (const imported of file.imports) {
      const target = targetOf(file, imported);
      if (target === undefined || !target.startsWith('src/') || isSettingsTable(target)) continue;
      const folder = commonFolder(file.path, target);
      const [from, to] = [partOf(folder, file.path), partOf(folder, target)];
      if (from === to) continue;
      const uses = graphs.get(folder) ?? new Map<string, Set<string>>();
      graphs.set(folder, uses.set(from, (uses.get(from) ?? new Set()).add(to)));
    }
  }
  return [...graphs].flatMap(([folder, uses]) => cyclesIn(folder, uses));
}

function cyclesIn(folder: string, uses: ReadonlyMap<string, ReadonlySet<string>>): Violation[] {
  const cycles: Violation[] = [];
  const finished = new Set<string>();
  const visit = (part: string, way: readonly string[]): void => {
    if (way.includes(part)) {
      const cycle = [...way.slice(way.indexOf(part)), part].join(' -> ');
      const where = part === OWN_FILES ? folder : `${folder}/${part}`;
      cycles.push({ where, what: `is in a cycle: ${cycle}` });
    } else if (!finished.has(part)) {
      for (const next of uses.get(part) ?? []) visit(next, [...way, part]);
      finished.add(part);
    }
  };
  for (const part of uses.keys()) visit(part, []);
  return cycles;
}

/** The deepest folder that two files are in. */
function commonFolder(one: string, other: string): string {
  let folder = posix.dirname(one);
  while (!other.startsWith(`${folder}/`)) folder = posix.dirname(folder);
  return folder;
}

/** The part of a folder that a file is in: the name of a sub-folder, or {@link OWN_FILES}. */
function partOf(folder: string, path: string): string {
  const rest = path.slice(folder.length + 1);
  return rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : OWN_FILES;
}
