import { readFile } from 'node:fs/promises';
import { type RolldownOptions, rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { bundledPackages } from '../../scripts/bundled-packages.ts';
import config from '../../scripts/rolldown.config.ts';

/** Bundles again, and says which modules are in it. */
async function bundledModules(options: RolldownOptions): Promise<string[]> {
  await using bundle = await rolldown({ ...options, plugins: [] });
  const { output } = await bundle.generate(
    Array.isArray(options.output) ? options.output[0] : options.output,
  );
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}

test('sbom.cdx.json names the packages of which code is in the bundle, and no others', async () => {
  const modules = await Promise.all([config].flat().map(bundledModules));
  const packages = await bundledPackages(modules.flat());
  const { components } = JSON.parse(await readFile('dist/cli/sbom.cdx.json', 'utf8')) as {
    readonly components: readonly { readonly purl: string; readonly hashes: readonly object[] }[];
  };
  expect(components.length).toBeGreaterThan(20);
  expect(components.map(({ purl }) => purl)).toEqual(
    packages.map(({ manifest: { name, version } }) => `pkg:npm/${name.replace('@', '%40')}@${version}`),
  );
  for (const { purl, hashes } of components) expect([purl, hashes.length]).toEqual([purl, 1]);
});
