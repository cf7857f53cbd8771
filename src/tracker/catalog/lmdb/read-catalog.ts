import { open } from 'lmdb';
import { DAMAGED_EXIT_CODE } from './damaged-exit-code.ts';

// Reads a catalog to its end, and changes nothing: the program of a process of its own, which LMDB takes with it where a
// pointer in the file is damaged.

const path = process.argv[2]!;
try {
  const root = open<Buffer, string>({ path, noSubdir: true, readOnly: true, encoding: 'binary', maxDbs: 1 });
  let bytes = 0;
  for (const { value } of root.getRange()) bytes += value.length;
  if (Number.isNaN(bytes)) throw new Error('A value has no length');
  await root.close();
} catch {
  process.exitCode = DAMAGED_EXIT_CODE;
}
