import { fileURLToPath } from 'node:url';

/** The repository's folder, with a slash at its end. Compiled, this file stands in `build/test/support/`. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));
