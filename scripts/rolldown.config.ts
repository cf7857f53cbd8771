import { defineConfig } from 'rolldown';
import { describeLicences } from './licences.ts';

// npm run build:dist: puts the command `shoal`, and what it needs of the packages it uses, into a few files, for loading
// the 400 that they are would take longer than a small download does. The library is not bundled.

export default defineConfig({
  input: {
    main: 'src/cli/main.ts',
    // A thread loads it by its URL, as `./worker.js` beside the code that starts the thread.
    worker: 'src/hashing/worker.ts',
  },
  platform: 'node',
  transform: { target: 'es2022' },
  // Nothing in src/ does anything on import, so a door (index.ts) leads only to what is used of it.
  treeshake: { moduleSideEffects: [{ test: /\/src\//, sideEffects: false }] },
  output: { dir: 'dist/cli', entryFileNames: '[name].js', chunkFileNames: '[name].js' },
  plugins: [
    {
      name: 'licences',
      async generateBundle(_options, bundle) {
        const modules = Object.values(bundle).flatMap((file) =>
          file.type === 'chunk' ? file.moduleIds : [],
        );
        this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: await describeLicences(modules) });
      },
    },
  ],
});
