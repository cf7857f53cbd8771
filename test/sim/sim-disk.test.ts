import { describeDisk } from '../conformance/disk.ts';
import { FakeClock } from '../support/index.ts';
import { SimDisk } from './sim-disk.ts';

describeDisk('SimDisk', async () => {
  const disk = new SimDisk(new FakeClock());
  const output = 'output.bin';
  return {
    disk,
    output,
    put: async (name, bytes) => {
      disk.files.set(name, bytes);
      return name;
    },
    delivered: async () => disk.files.get(output),
    [Symbol.asyncDispose]: () => disk.close(),
  };
});
