import { readFile, writeFile } from 'node:fs/promises';
import { describeDisk } from '../../test/conformance/disk.ts';
import { tempFolder } from '../../test/support/index.ts';
import { systemClock } from '../util/index.ts';
import { SystemDisk } from './system-disk.ts';

describeDisk('SystemDisk', async () => {
  const folder = await tempFolder();
  const disk = new SystemDisk({
    preallocation: 'sparse',
    clock: systemClock,
    report: (error) => {
      throw error;
    },
  });
  const output = folder.join('output.bin');
  return {
    disk,
    output,
    put: async (name, bytes) => {
      await writeFile(folder.join(name), bytes);
      return folder.join(name);
    },
    delivered: () => readFile(output).catch(() => undefined),
    async [Symbol.asyncDispose]() {
      await disk.close();
      await folder[Symbol.asyncDispose]();
    },
  };
});
