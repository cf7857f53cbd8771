import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { pollUntil, tempFolder } from '../../test/support/index.ts';
import { WatchedFiles } from './watched-files.ts';

const fail = (error: Error) => {
  throw error;
};

async function untilIs(file: WatchedFiles<string>, content: string): Promise<void> {
  await pollUntil(`the file says ${content}`, async () => file.current === content || undefined);
}

async function read(path: string): Promise<string> {
  const content = await readFile(path, 'utf8');
  if (content === 'bad') throw new Error('It is bad');
  return content;
}

test('WatchedFiles reads the file again when it is written, replaced, or deleted and made again', async () => {
  await using folder = await tempFolder();
  const path = folder.join('file');
  await writeFile(path, 'first');
  await writeFile(folder.join('other'), '');
  const reports: string[] = [];
  const file = await WatchedFiles.open(
    [path],
    () => read(path),
    (error, context) => reports.push(`${context}: ${error}`),
  );
  try {
    expect(file.current).toBe('first');
    await writeFile(path, 'written');
    await untilIs(file, 'written');
    for (const content of ['replaced', 'again']) {
      await writeFile(folder.join('new'), content);
      await rename(folder.join('new'), path);
      await untilIs(file, content);
    }
    // Some editors replace the file in this way.
    await rename(path, `${path}~`);
    await writeFile(path, 'edited');
    await untilIs(file, 'edited');
    expect(reports).toEqual([]);

    await rm(path);
    await pollUntil('that it is gone is told', async () => reports.length > 0 || undefined);
    expect(reports).toEqual([
      expect.stringMatching(/^read the new .*file; the content before stays in force: .*ENOENT/),
    ]);
    expect(file.current).toBe('edited');
    await writeFile(path, 'made anew');
    await untilIs(file, 'made anew');
  } finally {
    await file.close();
  }
});

test('WatchedFiles reads all files together when one of them changes', async () => {
  await using folder = await tempFolder();
  await mkdir(folder.join('other'));
  const paths = [folder.join('one'), folder.join('other/two')];
  for (const path of paths) await writeFile(path, 'a');
  const readAll = async () => (await Promise.all(paths.map(read))).join('');
  const files = await WatchedFiles.open(paths, readAll, fail);
  try {
    await writeFile(paths[1]!, 'b');
    await untilIs(files, 'ab');
    await writeFile(paths[0]!, 'c');
    await untilIs(files, 'cb');
  } finally {
    await files.close();
  }
});

test('WatchedFiles keeps the old content when the new one is bad', async () => {
  await using folder = await tempFolder();
  const path = folder.join('file');
  await writeFile(path, 'good');
  const reports: string[] = [];
  const file = await WatchedFiles.open(
    [path],
    () => read(path),
    (error) => reports.push(error.message),
  );
  try {
    await writeFile(path, 'bad');
    await pollUntil('it is told', async () => reports.length > 0 || undefined);
    expect([file.current, reports]).toEqual(['good', ['It is bad']]);
    await writeFile(path, 'better');
    await untilIs(file, 'better');
  } finally {
    await file.close();
  }
});

test('WatchedFiles reads the files again on request, even if it saw no change', async () => {
  await using folder = await tempFolder();
  // Kubernetes mounts files like this: behind a link to a folder that changes.
  for (const version of ['1', '2']) {
    await mkdir(folder.join(version));
    await writeFile(folder.join(version, 'file'), version);
  }
  await mkdir(folder.join('mounted'));
  await symlink(folder.join('1'), folder.join('data'));
  const path = folder.join('mounted/file');
  await symlink(folder.join('data/file'), path);
  const file = await WatchedFiles.open([path], () => read(path), fail);
  try {
    expect(file.current).toBe('1');
    await symlink(folder.join('2'), folder.join('data.new'));
    await rename(folder.join('data.new'), folder.join('data'));
    await file.reload();
    expect(file.current).toBe('2');
  } finally {
    await file.close();
  }
});

test('WatchedFiles.open() reads a change that happens while the files are read for the first time', async () => {
  await using folder = await tempFolder();
  const path = folder.join('file');
  await writeFile(path, 'old');
  const other = await WatchedFiles.open([path], () => read(path), fail);
  let reads = 0;
  const readSlowly = async (): Promise<string> => {
    const content = await read(path);
    reads += 1;
    if (reads > 1) return content;
    await writeFile(path, 'new');
    // By now the watcher has noticed the change.
    await untilIs(other, 'new');
    return content;
  };
  const file = await WatchedFiles.open([path], readSlowly, fail);
  try {
    await untilIs(file, 'new');
  } finally {
    await other.close();
    await file.close();
  }
});

test('WatchedFiles.open() rejects when the file cannot be read', async () => {
  await using folder = await tempFolder();
  const path = folder.join('file');
  await expect(WatchedFiles.open([path], () => read(path), fail)).rejects.toThrow('ENOENT');
  await expect(WatchedFiles.open([folder.join('nowhere/file')], () => read(path), fail)).rejects.toThrow(
    'ENOENT',
  );
});
