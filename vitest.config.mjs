import { defineConfig } from 'vitest/config';

/** Tests run as they are shipped: compiled by tsc into build/, worker threads included. */
export default defineConfig({
  test: {
    include: ['build/{src,test,scripts}/**/*.test.js'],
    exclude: [],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
