import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_LIST_ENTRIES, parseInfoHashList, readInfoHashList } from './info-hash-list.ts';

const A = 'a1'.repeat(20);
const B = 'b2'.repeat(20);
const parse = async (text: string) => [...(await parseInfoHashList(Buffer.from(text), 'list'))];

const anyHash = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

describe('parseInfoHashList()', () => {
  test('takes one a line, with and without a name, comments, blank lines and CRLF', async () => {
    const text = `# what we serve\r\n${A}\r\n\r\n  \n${B.toUpperCase()} Über.iso\n#${A}\n${A}\tagain`;
    expect(await parse(text)).toEqual([A, B]);
  });

  test('takes the first 20 bytes of a v2 info-hash', async () => {
    expect(await parse(`${A}${'c3'.repeat(12)}\n${B}${'c3'.repeat(12)} name`)).toEqual([A, B]);
  });

  test('takes an empty list', async () => {
    expect(await parse('')).toEqual([]);
  });

  test.each([A.slice(1), `${A}0`, `${A}${'c3'.repeat(12)}0`, `${A.slice(1)}g`, ` ${A}`, `x ${A}`])(
    'names file and line of %j',
    async (line) => {
      await expect(parse(`# one\n${B}\n${line}\n`)).rejects.toMatchObject({
        code: 'BAD_LINE',
        message: `list:3: a line starts with an info-hash of 40 or 64 hex digits, or with "#"; found ${JSON.stringify(line.trim())}`,
      });
    },
  );

  test('refuses more than it may have', async () => {
    const lines = Buffer.alloc(41 * (MAX_LIST_ENTRIES + 1));
    for (let at = 0; at <= MAX_LIST_ENTRIES; at += 1)
      lines.write(`${at.toString(16).padStart(40, '0')}\n`, at * 41);
    await expect(parseInfoHashList(lines, 'list')).rejects.toMatchObject({ code: 'TOO_LARGE' });
    expect((await parseInfoHashList(lines.subarray(41), 'list')).size).toBe(MAX_LIST_ENTRIES);
  });

  test('finds in any list what was put there', async () => {
    const line = fc.tuple(anyHash, fc.constantFrom('', '0'.repeat(24)), fc.constantFrom('', ' name', '\r'));
    await fc.assert(
      fc.asyncProperty(fc.array(line), async (lines) => {
        const text = lines.map((parts) => parts.join('')).join('\n');
        expect(await parse(text)).toEqual([...new Set(lines.map(([hash]) => hash))]);
      }),
    );
  });
});

test('readInfoHashList() says that there is no such file', async () => {
  await expect(readInfoHashList('/nowhere/list')).rejects.toMatchObject({
    code: 'UNREADABLE',
    message: 'Cannot read /nowhere/list: there is no such file',
  });
});
