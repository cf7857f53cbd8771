import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { findViolations } from './find-violations.ts';
import { readRepository } from './repository.ts';

const ARCHITECTURE = `# Architecture

\`\`\`
src/
  cli/               one file a command
  tracker/           the service
    http/ udp/         front ends
    announce.ts        the logic
    swarms/            the port; memory/, redis/
  net/               sockets
  wire/  picker/     pure
  bencode/ metainfo/ pure
  util/              Clock and Random ports
web/                 the dashboard
\`\`\`

| layer | folders | may import |
|---|---|---|
| 5 edge | cli | everything |
| 4 components | tracker | layers 0-3 |
| 2 adapters | net, storage | layers 0-1 |
| 1 pure core | wire, picker, bencode, metainfo | util |
| 0 | util | nothing |

| floor of tracker | folders | may import |
|---|---|---|
| 1 front ends | http, udp | floor 0 |
| 0 swarms | swarms | nothing |
`;

/** A tree without a fault. */
const SOUND: Readonly<Record<string, string>> = {
  'package.json': '{"dependencies":{"@scope/a":"1"},"devDependencies":{"vitest":"4"}}',
  'docs/architecture.md': ARCHITECTURE,
  'docs/dependencies.md': '| @scope/a | for a |\n| vitest | tests |',
  'src/index.ts': `export * from './tracker/index.ts';`,
  'src/cli/main.ts': `import { a } from '../tracker/index.ts';\nimport b from '@scope/a/sub';`,
  'src/tracker/index.ts': `export { announce } from './announce.ts';`,
  'src/tracker/announce.ts': `import { memory } from './swarms/memory/index.ts';\nawait fetch('x');`,
  'src/tracker/http/server.ts': `import { createServer } from 'node:net';\nimport '../swarms/index.ts';`,
  'src/tracker/udp/server.ts': `import { a } from '../swarms/index.ts';`,
  'src/tracker/udp/server.test.ts': `import { a } from '../announce.ts';`,
  'src/tracker/swarms/index.ts': '',
  'src/tracker/swarms/store.ts': '',
  'src/tracker/swarms/memory/index.ts': `import { a } from '../index.ts';`,
  'src/net/index.ts': `import { b } from '../wire/index.ts';\nimport { type Socket } from 'node:net';`,
  'src/wire/index.ts': `import { c } from '../util/index.ts';\nimport { d } from '../bencode/index.ts';`,
  'src/wire/block.ts': `// a Date, await\nconst text = 'Promise' + \`Date \${1} async\`; const r = /Date'/;\nimport 'node:crypto';`,
  'src/wire/block.test.ts': `import { test } from 'vitest';\nimport { net } from '../net/index.ts';\nnew Date();`,
  'src/picker/index.ts': '/** Gives a Promise: `Date`. */',
  'src/bencode/index.ts': '',
  'src/metainfo/index.ts': `import { type D, e } from '../bencode/index.ts';`,
  'src/util/index.ts': `export { systemClock } from './clock.ts';`,
  'src/util/clock.ts': 'setTimeout(() => performance.now(), 1);',
  'test/e2e/a.test.ts': `import { test } from 'vitest';\nimport { s } from '../support/index.ts';\nimport '../../src/wire/index.ts';`,
  'test/support/index.ts': `export { s } from './s.ts';`,
  'test/support/s.ts': '',
  'test/support/servers.ts': `import { test } from 'vitest';\nimport { createServer } from 'node:net';`,
  'test/conformance/store.ts': `import { test } from 'vitest';\nimport type { Store } from '../../src/tracker/swarms/store.ts';`,
};

/** Writes a tree, checks it, and gives each violation as a line. */
async function check(changes: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  await using folder = await tempFolder();
  for (const [path, text] of Object.entries({ ...SOUND, ...changes })) {
    if (text === undefined) continue;
    await mkdir(dirname(folder.join(path)), { recursive: true });
    await writeFile(folder.join(path), text);
  }
  return findViolations(await readRepository(folder.path)).map(({ where, what }) => `${where} ${what}`);
}

test('findViolations() finds nothing in a sound tree', async () => {
  expect(await check({})).toEqual([]);
});

test('findViolations() lets fuzz targets import a parser that stands behind a door', async () => {
  const path = 'test/fuzz/targets/swarms.ts';
  expect(await check({ [path]: `import { a } from '../../../src/tracker/announce.ts';` })).toEqual([]);
});

test.each([
  [
    'a folder above',
    'src/net/index.ts',
    `import { a } from '../tracker/index.ts';`,
    'net (layer 2) must not use tracker (layer 4)',
  ],
  [
    'a sibling of the core',
    'src/wire/index.ts',
    `import type { A } from '../picker/index.ts';`,
    'must not use picker',
  ],
  [
    'a re-export upwards',
    'src/util/index.ts',
    `export {\n  a,\n} from '../wire/index.ts';`,
    'util (layer 0) must not use wire',
  ],
  [
    'an import() upwards',
    'src/net/index.ts',
    `const a = await import('../cli/index.ts');`,
    'must not use cli',
  ],
  ['an import for its effect', 'src/net/index.ts', `import '../cli/index.ts';`, 'must not use cli'],
  ['a type import()', 'src/net/index.ts', `let a: import('../cli/index.ts').A;`, 'must not use cli'],
  ['the package entry', 'src/cli/main.ts', `import { a } from '../index.ts';`, 'the entry of the package'],
  [
    'a test helper',
    'src/cli/main.ts',
    `import { a } from '../../test/support/index.ts';`,
    'what only tests need',
  ],
  [
    'another way in',
    'src/cli/main.ts',
    `import { a } from '../tracker/announce.ts';`,
    'the door of that folder is src/tracker/index.ts',
  ],
  [
    'another way in, by a test',
    'src/wire/block.test.ts',
    `import { a } from '../util/clock.ts';`,
    'the door of that folder is src/util/index.ts',
  ],
  [
    'another way in, from test/',
    'test/e2e/a.test.ts',
    `import { a } from '../../src/util/clock.ts';`,
    'the door of that folder is src/util/index.ts',
  ],
  [
    'an inner door passed by',
    'src/tracker/announce.ts',
    `import { a } from './swarms/store.ts';`,
    'the door of that folder is src/tracker/swarms/index.ts',
  ],
  [
    'the door of a folder above passed by',
    'src/tracker/announce.ts',
    `import { a } from './swarms/redis/store.ts';`,
    'the door of that folder is src/tracker/swarms/index.ts',
  ],
  [
    'the door of test/support passed by',
    'test/e2e/a.test.ts',
    `import { a } from '../support/s.ts';`,
    'the door of that folder is test/support/index.ts',
  ],
  [
    'an unknown package',
    'src/cli/main.ts',
    `import b from '@scope/b/sub';`,
    '@scope/b is not among the dependencies',
  ],
  [
    'a package for tests',
    'src/cli/main.ts',
    `import { test } from 'vitest';`,
    'vitest is not among the dependencies',
  ],
  [
    'an unknown package in a test',
    'src/wire/block.test.ts',
    `import a from 'jest';`,
    'jest is not in package.json',
  ],
  ['a socket', 'src/cli/main.ts', `import { connect } from 'node:net';`, 'open sockets'],
  [
    'I/O in the core',
    'src/wire/block.ts',
    `import { readFile } from 'node:fs/promises';`,
    'imports node:fs/promises: the pure core',
  ],
  ['a clock in the core', 'src/wire/block.ts', 'const now = Date.now();', 'uses Date'],
  ['a clock inside a template', 'src/wire/block.ts', `const now = \`at \${Date.now()}\`;`, 'uses Date'],
  ['a timer in the core', 'src/wire/block.ts', 'setTimeout(f, 1);', 'uses setTimeout'],
  ['randomness in the core', 'src/util/bytes.ts', 'Math.random();', 'uses Math.random'],
  ['a promise in the core', 'src/wire/block.ts', 'export async function f() {}', 'uses async'],
  ['an exception stretched', 'src/util/clock.ts', 'Date.now();', 'uses Date'],
])('findViolations() finds %s', async (_name, path, text, what) => {
  const found = await check({ [path]: text });
  expect(found.find((violation) => violation.includes(what))).toContain(path);
});

test.each(['src/net/testing/servers.ts', 'src/wire/testing/deep/servers.ts', 'src/net/store-conformance.ts'])(
  'findViolations() refuses the test code %s in src/',
  async (path) => {
    expect(await check({ [path]: `import { test } from 'vitest';` })).toEqual([
      `${path} is test code in src/: move a helper to test/support/, a conformance suite to test/conformance/`,
    ]);
  },
);

test('findViolations() refuses a test in src/ that has the name of no file beside it', async () => {
  const text = `import { test } from 'vitest';`;
  expect(await check({ 'src/wire/block-model.test.ts': text })).toEqual([]);
  expect(await check({ 'src/tracker/reload.test.ts': text })).toHaveLength(1);
  expect(await check({ 'src/wire/blocks.test.ts': text })).toEqual([
    'src/wire/blocks.test.ts has the name of no file beside it: name it after the file it tests, or move a scenario to test/',
  ]);
});

test.each([
  [
    'a floor above',
    'src/tracker/swarms/index.ts',
    `import { a } from '../http/server.ts';`,
    'tracker/swarms (floor 0) must not use tracker/http (floor 1)',
  ],
  [
    'another folder of its own floor',
    'src/tracker/udp/server.ts',
    `import { a } from '../http/server.ts';`,
    'tracker/udp (floor 1) must not use tracker/http (floor 1)',
  ],
  [
    'what stands above all floors',
    'src/tracker/swarms/memory/index.ts',
    `import { a } from '../../announce.ts';`,
    'tracker/swarms (floor 0) must not use what stands above all floors',
  ],
])('findViolations() finds that a floor of a folder imports %s', async (_name, path, text, what) => {
  expect(await check({ [path]: text })).toContain(`${path}:1 imports ${text.split("'")[1]}: ${what}`);
});

test.each([
  'server._handle.close();',
  'const { _handle: handle } = server;',
  "process.binding('tcp_wrap');",
  'const { binding } = process;',
  "process['binding'];",
  "socket['_sockname'];",
  'parser[HTTPParser.kOnHeadersComplete];',
])('findViolations() finds private parts of Node outside the folder that may use them: %s', async (text) => {
  const path = 'src/tracker/http/server.ts';
  expect((await check({ [path]: text }))[0]).toMatch(
    /^src\/tracker\/http\/server\.ts:1 uses .* private to Node/,
  );
});

test('findViolations() lets the folder of handles use private parts of Node, and all files use their own names', async () => {
  const path = 'src/tracker/frontends/http/handles/tcp-handle.ts';
  const found = await check({ [path]: "server._handle; process.binding('tcp_wrap');" });
  expect(found.filter((line) => line.includes('private'))).toEqual([]);
  const own = 'class A { override _read(): void {} } const f = (_unused: string) => bindings;';
  expect(await check({ 'src/tracker/http/server.ts': own })).toEqual([]);
});

test('findViolations() compares the floors in the document with the folders', async () => {
  expect(await check({ 'src/tracker/http/server.ts': undefined })).toEqual([
    'docs/architecture.md draws src/tracker/http, which is not there',
    'docs/architecture.md gives a floor to src/tracker/http, which is not there',
  ]);
  const drawn = ARCHITECTURE.replace('    announce.ts', '    guard/             access\n    announce.ts');
  expect(await check({ 'docs/architecture.md': drawn, 'src/tracker/guard/index.ts': '' })).toEqual([
    'docs/architecture.md gives no floor to src/tracker/guard/',
  ]);
});

test('findViolations() tells the line', async () => {
  const text = `/* one\n two */ const url = 'http://x';\nimport { a } from '../cli/index.ts';`;
  expect((await check({ 'src/net/index.ts': text }))[0]).toMatch(
    /^src\/net\/index\.ts:3 imports \.\.\/cli\/index\.ts/,
  );
});

test('findViolations() finds a cycle between folders that may use each other', async () => {
  const found = await check({ 'src/bencode/index.ts': `import { m } from '../metainfo/index.ts';` });
  expect(found).toEqual(['src/bencode is in a cycle: bencode -> metainfo -> bencode']);
});

test.each([
  [
    'sub-folders of one floor',
    'src/tracker/swarms',
    { 'memory/a.ts': '../redis/b.ts', 'redis/b.ts': '../memory/a.ts' },
  ],
  [
    'a folder and its sub-folder',
    'src/tracker/swarms',
    { 'store.ts': './redis/b.ts', 'redis/b.ts': '../store.ts' },
  ],
  [
    'deep sub-folders',
    'src/wire/deep',
    { 'x/a.ts': '../y/b.ts', 'y/b.ts': '../z/c.ts', 'z/c.ts': '../x/a.ts' },
  ],
])('findViolations() finds a cycle between %s', async (_name, folder, uses) => {
  const files = Object.entries(uses).map(([path, target]) => [`${folder}/${path}`, `import '${target}';`]);
  const found = await check({ 'src/tracker/swarms/memory/index.ts': '', ...Object.fromEntries(files) });
  expect(found.filter((line) => line.includes('cycle'))).toHaveLength(1);
});

test('findViolations() finds no cycle where sub-folders implement a port of their folder', async () => {
  const port = { 'src/tracker/swarms/redis/store.ts': `import '../store.ts';` };
  expect((await check(port)).filter((line) => line.includes('cycle'))).toEqual([]);
});

test('findViolations() compares the tree in the document with src/', async () => {
  expect(await check({ 'src/new/index.ts': '' })).toEqual([
    'docs/architecture.md does not draw src/new/',
    'docs/architecture.md gives no layer to src/new/',
  ]);
  expect(await check({ 'src/tracker/swarms/lmdb/index.ts': '' })).toEqual([
    'docs/architecture.md does not draw src/tracker/swarms/lmdb/',
  ]);
  const none = { 'src/tracker/udp/server.ts': undefined, 'src/tracker/udp/server.test.ts': undefined };
  expect(await check(none)).toEqual([
    'docs/architecture.md draws src/tracker/udp, which is not there',
    'docs/architecture.md gives a floor to src/tracker/udp, which is not there',
  ]);
});

test('findViolations() wants every package explained', async () => {
  const found = await check({ 'docs/dependencies.md': '@scope/abc vitest' });
  expect(found).toEqual(['docs/dependencies.md does not say what @scope/a is for']);
});

test('readRepository() says what is missing', async () => {
  await expect(check({ 'docs/architecture.md': undefined })).rejects.toThrow('without docs/architecture.md');
  await expect(check({ 'docs/architecture.md': '# Nothing' })).rejects.toThrow('has no table of layers');
  const table = '| layer | folders |\n|---|---|\n| 0 | util | nothing |\n';
  await expect(check({ 'docs/architecture.md': table })).rejects.toThrow('has no tree');
});
