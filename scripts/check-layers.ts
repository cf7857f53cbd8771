import { findViolations } from './layers/find-violations.ts';
import { readRepository } from './layers/repository.ts';

// Compares the imports of src/ with docs/architecture.md: npm run check:layers

try {
  const repository = await readRepository(process.cwd());
  const violations = findViolations(repository);
  for (const { where, what } of violations) console.error(`${where} ${what}`);
  console.log(
    `${repository.files.length} files checked, ${violations.length} violations of docs/architecture.md`,
  );
  if (violations.length > 0) process.exitCode = 1;
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
