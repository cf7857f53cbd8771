import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATED } from './generate/generated.ts';

// npm run generate: writes the files that are made of the tables of settings and of the constants of the code. A test under
// test/docs/ compares what is committed with what this would write.

for (const [path, make] of Object.entries(GENERATED)) {
  writeFileSync(join(process.cwd(), path), make(process.cwd()));
  console.log(`${path} is written`);
}
