import { findCycles } from './cycles.ts';
import { checkImport } from './import-rules.ts';
import { findPrivateNode } from './private-node.ts';
import { findImpurities } from './pure-core.ts';
import type { Repository } from './repository.ts';
import { compareTree, findMisplacedTests, findUnexplainedPackages } from './tree-rules.ts';
import type { Violation } from './violation.ts';

/** Applies the rules of docs/architecture.md, "Who may import whom", to every file. */
export function findViolations(repository: Repository): Violation[] {
  return [
    ...compareTree(repository),
    ...findUnexplainedPackages(repository),
    ...findCycles(repository),
    ...findMisplacedTests(repository),
    ...repository.files.flatMap((file) => [
      ...file.imports.flatMap((imported) => checkImport(file, imported, repository)),
      ...findImpurities(file, repository.architecture),
      ...findPrivateNode(file),
    ]),
  ];
}
