import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { tempFolder } from '../../test/support/index.ts';
import { Constants } from './constants.ts';

async function constantsOf(files: Readonly<Record<string, string>>): Promise<Constants> {
  await using folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(folder.join(name), text);
  return new Constants(folder.path);
}

test('value() computes products and powers of numbers and of other constants', async () => {
  const constants = await constantsOf({
    'a.ts': 'export const KIB = 1024;\nexport const MAX_A = 16 * KIB ** 2;\nconst HALF = 0.5;',
    'b.ts': 'export const MAX_B: number =\n  2 * MAX_A;',
  });
  expect(['MAX_A', 'MAX_B', 'HALF'].map((name) => constants.value(name))).toEqual([2 ** 24, 2 ** 25, 0.5]);
});

test('value() refuses what is not there, is no number, or has several values', async () => {
  const constants = await constantsOf({
    'a.ts': 'const ONE = 1;\nconst SAME = 3;\nconst CALL = f();',
    'b.ts': 'const ONE = 2;\nconst SAME = 3;',
  });
  expect(() => constants.value('NONE')).toThrow('There is no constant NONE');
  expect(() => constants.value('CALL')).toThrow('The value of CALL is no product of numbers');
  expect(() => constants.value('ONE')).toThrow('There are several constants ONE');
  expect([constants.value('ONE', 'b'), constants.value('SAME')]).toEqual([2, 3]);
});
