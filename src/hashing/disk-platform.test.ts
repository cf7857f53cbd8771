import { describe, expect, test } from 'vitest';
import { diskPlatformAt } from './disk-platform.ts';

describe('diskPlatformAt()', () => {
  test('is the system that runs on Windows and macOS, and Linux on every other system', async () => {
    expect(await diskPlatformAt('/', 'win32')).toBe('win32');
    expect(await diskPlatformAt('/', 'darwin')).toBe('darwin');
    expect(await diskPlatformAt('/', 'linux')).toBe('linux');
    expect(await diskPlatformAt('/', 'freebsd')).toBe('linux');
  });

  test.each([
    ['vfat', 0x4d44, 'win32'],
    ['exfat', 0x2011bab0, 'win32'],
    ['ext4', 0xef53, 'linux'],
  ])('knows %s by the nearest folder that exists', async (_name, type, expected) => {
    const asked: string[] = [];
    const typeAt = async (path: string) => {
      asked.push(path);
      return path === '/mnt/stick' ? type : undefined;
    };
    expect(await diskPlatformAt('/mnt/stick/a/b', 'linux', typeAt)).toBe(expected);
    expect(asked).toEqual(['/mnt/stick/a/b', '/mnt/stick/a', '/mnt/stick']);
  });

  test('is Linux when no folder of the path exists', async () => {
    expect(await diskPlatformAt('/mnt/a', 'linux', async () => undefined)).toBe('linux');
  });
});
