import { join, sep } from 'node:path';
import { defineConfig, type OutputOptions, type RolldownOptions } from 'rolldown';
import { describeLicences } from './licences.ts';
import { describeBundle } from './sbom.ts';

// npm run build:dist: puts the command `shoal`, and what it needs of the packages it uses, into a few files, since
// loading the 400 that they are would take longer than a small download does. The library is not bundled.

const SOURCES = join(process.cwd(), 'src') + sep;

/** Tells whether a module is one of Shoal's own. */
const isOwn = (module: string) => module.startsWith(SOURCES);

/** Of Shoal's own modules those whose path in `src/` matches. */
const own = (path: RegExp) => (module: string) => isOwn(module) && path.test(module.slice(SOURCES.length));

const input: RolldownOptions = {
  platform: 'node',
  // Optional packages stay outside: they are loaded where they are configured, and may be missing.
  external: ['ioredis', 'lmdb'],
  transform: { target: 'es2022' },
  // Nothing in src/ does anything on import, so a door (index.ts) leads only to what is used of it.
  treeshake: { moduleSideEffects: (module) => (isOwn(module) ? false : undefined) },
};

const output: OutputOptions = {
  dir: process.env['SHOAL_BUILD_FOLDER'] ?? 'dist/cli',
  entryFileNames: '[name].js',
  chunkFileNames: '[name].js',
};

export default defineConfig([
  {
    ...input,
    input: { main: 'src/cli/main.ts' },
    output: {
      ...output,
      codeSplitting: {
        // Modules that several commands use are in two files: those that all load, and those that move or read files. Each further
        // file would take a millisecond to load.
        groups: [
          // The module that is loaded before all else, and takes no time.
          { name: 'signals', test: own(/^cli\/signals\./), priority: 1 },
          {
            name: 'base',
            // The classes of all errors are in it, as every command finds its exit code by them.
            test: own(
              /^(util\/|config\/|\w+\/settings\.ts|tracker-protocol\/access-token|.*\berrors?\.ts$|cli\/(?!describe-torrent|read-torrent-file))/,
            ),
            minShareCount: 2,
          },
          { name: 'engine', test: own(/^(?!tracker-protocol\/registry\.ts)/), minShareCount: 2 },
        ],
      },
    },
    plugins: [
      {
        name: 'contents',
        async generateBundle(_options, bundle) {
          const modules = Object.values(bundle).flatMap((file) =>
            file.type === 'chunk' ? file.moduleIds : [],
          );
          const source = await describeLicences(modules);
          this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source });
          const bom = await describeBundle(modules, process.cwd());
          this.emitFile({ type: 'asset', fileName: 'sbom.cdx.json', source: bom });
        },
      },
    ],
  },
  // Each thread loads it, as `./worker.js` beside the code that starts threads: one small file, that shares none.
  { ...input, input: { worker: 'src/hashing/worker.ts' }, output },
  // A process of its own runs it, as `./read-catalog.js` beside the code that starts it.
  { ...input, input: { 'read-catalog': 'src/tracker/registry/catalog/lmdb/read-catalog.ts' }, output },
  { ...input, input: { 'metainfo-worker': 'src/tracker/registry/metainfo-worker.ts' }, output },
]);
