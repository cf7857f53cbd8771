import { defineConfig } from 'vitest/config';

/** What every test has in common. Tests run as they are shipped: compiled by tsc into build/, worker threads included. */
const common = {
  exclude: [],
  pool: 'forks',
  // One process runs many files, and loads the modules once: a third of the processor's time less.
  isolate: false,
  // A machine that is busy with other things is no failure.
  testTimeout: 180_000,
  // Seeders that tests start leave nothing in the home of the user.
  env: { SHOAL_SEEDER_CACHE_DIR: 'off' },
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    // Tests are compiled JavaScript, which Node loads as it is.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Much of a test's time is waiting for other programs: two cores have time for three workers.
    maxWorkers: 3,
    projects: [
      {
        test: {
          ...common,
          name: 'units',
          include: [
            'build/{src,scripts}/**/*.test.js',
            'build/test/{api,bench,docs,fuzz,scenarios,sim,support}/**/*.test.js',
          ],
        },
      },
      {
        test: {
          ...common,
          name: 'programs',
          include: ['build/test/{e2e,interop}/**/*.test.js'],
        },
      },
    ],
  },
});
