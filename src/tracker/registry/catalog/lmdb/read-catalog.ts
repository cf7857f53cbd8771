import { CatalogFile } from './catalog-file.ts';
import { DAMAGED_EXIT_CODE } from './damaged-exit-code.ts';
import { codeOf, isDamage } from './is-damage.ts';

// Reads a catalog to its end, deletes everything in transactions that are given up, and writes one value of it again, which
// shows whether free pages can be found: the program of a process of its own, which LMDB takes with it where a pointer in
// the file is damaged.

try {
  await readAndWrite(process.argv[2]!);
} catch (thrown) {
  const reason = codeOf(thrown) === 'CANNOT_KEEP_STATE' ? (thrown as Error).cause : thrown;
  // A key or value that cannot be read has no code.
  const isDamaged = isDamage(reason) || codeOf(reason) === undefined || codeOf(reason) === 'DAMAGED_STATE';
  if (isDamaged) process.exitCode = DAMAGED_EXIT_CODE;
}
// What LMDB could not write, it may try again when it is closed.
process.exit();

async function readAndWrite(path: string): Promise<void> {
  const file = await CatalogFile.open(path);
  let last: { readonly key: string; readonly value: Uint8Array } | undefined;
  const keys: string[] = [];
  for (const entry of file.entries()) {
    keys.push(entry.key);
    last = entry;
  }
  file.tryDeleting(keys);
  if (last !== undefined) await file.write(new Map([[last.key, last.value]]));
}
