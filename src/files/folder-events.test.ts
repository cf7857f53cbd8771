import { EventEmitter, once } from 'node:events';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { FolderEvents } from './folder-events.ts';

test('FolderEvents tells of what is made in a folder, and in the folder that takes its place once it is listened to', async () => {
  await using folder = await tempFolder();
  const [a, b] = [folder.join('a'), folder.join('b')];
  await mkdir(a);
  await mkdir(b);
  const emitter = new EventEmitter();
  const events = new FolderEvents({
    onEvent: (path, name) => emitter.emit(`${path} ${name}`),
    onDebug: () => {},
  });
  events.listenTo(new Set([a, folder.join('missing')]));
  const made = once(emitter, `${a} file`);
  await writeFile(folder.join('a/file'), '');
  await made;
  const moved = once(emitter, `${a} a`);
  await rename(a, folder.join('c'));
  await moved;
  await rename(b, a);
  events.listenTo(new Set([a]));
  const madeAgain = once(emitter, `${a} other`);
  await writeFile(folder.join('a/other'), '');
  await madeAgain;
  events.close();
  expect(emitter.eventNames()).toEqual([]);
});
