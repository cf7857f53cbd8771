import { defineConfig } from 'vitest/config';

/** Tests run as they are shipped: compiled by tsc into build/, worker threads included. */
export default defineConfig({
  test: {
    include: ['build/{src,test,scripts}/**/*.test.js'],
    exclude: [],
    pool: 'forks',
    // Much of a test's time is waiting for other programs: by default there is one worker on two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
