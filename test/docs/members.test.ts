import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findUnusedMembers } from '../../scripts/members/find-unused-members.ts';

/** The folders whose code may use a member of `src/`: a use by tests alone is none. */
const FOLDERS = ['src', 'scripts', 'bench', 'examples'];

/** The members that the code of the project does not use, and why they are there. */
const EXEMPT: Readonly<Record<string, string>> = {
  'PathTree.lookups': 'tells its cost, which a test of deep folders limits',
  'PeerSession.allowFast': 'is for users of the published `shoal/wire`',
  'RequestPipeline.isSnubbed': 'is the state that tests of the pipeline look at',
  'RequestDuration.getForPromString': 'is called by prom-client',
};

test('no member of a class or an interface in src/ is unused or used by tests alone', () => {
  const paths = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) =>
      join(folder, path).replaceAll('\\', '/'),
    ),
  ).filter((path) => /(?<!\.test)\.m?[jt]s$/.test(path) && !path.includes('node_modules/'));
  const sources = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
  expect(sources.size).toBeGreaterThan(500);
  const unused = findUnusedMembers(sources)
    .filter(({ path }) => path.startsWith('src/'))
    .map(({ path, owner, name }) => `${path} ${owner}.${name}`);
  expect(unused.filter((found) => EXEMPT[found.split(' ')[1]!] === undefined)).toEqual([]);
  const names = unused.map((found) => found.split(' ')[1]!);
  expect(
    Object.keys(EXEMPT).filter((name) => !names.includes(name)),
    'exempt, and used or gone',
  ).toEqual([]);
});
