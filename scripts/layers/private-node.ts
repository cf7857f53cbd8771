import { lineAt, type SourceFile } from './source-file.ts';
import type { Violation } from './violation.ts';

/** The only folder that may use what Node does not document: it can be deleted when Node changes (ADR 16). */
const PRIVATE_FOLDER = 'src/tracker/frontends/http/handles/';

/** The ways to Node's internals: its bindings, names that begin with `_`, and the constants of its HTTP parser. */
const PRIVATE =
  /\b_handle\b|\._[a-z]\w*|\binternalBinding\b|\bprocess\s*(?:\?\.|\.)\s*binding\b|\{\s*binding\b[^}]*\}\s*=\s*process\b|\bkOn[A-Z]\w*|\bHTTPParser\b/g;

/** The same names as keys, which stand in strings: `socket['_handle']`, `process['binding']`. */
const PRIVATE_KEY = /\[\s*['"`](?:_[a-z]\w*|binding)['"`]\s*\]/g;

/** Finds where a file of `src/` uses private parts of Node, outside the folder that is made for it. */
export function findPrivateNode({ path, code, text }: SourceFile): Violation[] {
  if (!path.startsWith('src/') || path.startsWith(PRIVATE_FOLDER)) return [];
  const found = [...code.matchAll(PRIVATE), ...text.matchAll(PRIVATE_KEY)];
  return found.map(({ 0: word, index }) => ({
    where: `${path}:${lineAt(text, index)}`,
    what: `uses ${word}, which is private to Node: only ${PRIVATE_FOLDER} may`,
  }));
}
