import { mkdir, symlink } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { leadsToAny, mountsThatMayHang } from './hanging-mounts.ts';

const MOUNT_INFO = `
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:5 / /proc rw - proc proc rw
40 22 0:40 / /mnt/my\\040disk rw,relatime shared:9 master:3 - nfs4 server:/a rw
41 22 0:41 / /home/me/remote rw - fuse.sshfs me@host: rw
42 22 0:42 / /sys/fs/fuse/connections rw - fusectl fusectl rw
43 22 8:1 / /data rw - xfs /dev/sda1 rw
`;

test('mountsThatMayHang() lists network disks and FUSE mounts with their names unescaped', () => {
  expect(mountsThatMayHang(MOUNT_INFO)).toEqual(['/mnt/my disk', '/home/me/remote']);
  expect(mountsThatMayHang('1 1 0:1 / / rw - fuse.root x rw')).toEqual([]);
  expect(mountsThatMayHang('')).toEqual([]);
});

test('leadsToAny() follows links, and is true for a mount and every path below it', async () => {
  await using folder = await tempFolder();
  const mount = folder.join('mount');
  await mkdir(mount);
  await mkdir(folder.join('other'));
  await symlink('../mount/deep', folder.join('other/link'));
  await symlink('self', folder.join('self'));
  const leads = (name: string) => leadsToAny(folder.join(name), [mount]);
  expect(leads('mount')).toBe(true);
  expect(leads('mount/not/there')).toBe(true);
  expect(leads('other/link/x')).toBe(true);
  expect(leads('other')).toBe(false);
  expect(leads('mounted')).toBe(false);
  expect(leads('not/there')).toBe(false);
  expect(leads('self/x')).toBe(false);
  expect(leadsToAny('\0', [mount])).toBe(false);
});
