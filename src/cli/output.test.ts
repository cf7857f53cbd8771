import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from './output.ts';

function written(
  options: { readonly isJson?: boolean; readonly isQuiet?: boolean },
  use: (output: Output) => void,
) {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: Number.MAX_SAFE_INTEGER,
    write: (part: string, _encoding, done) => {
      text += part;
      done();
    },
  });
  use(new Output(stream, { isJson: false, isQuiet: false, ...options }));
  return text;
}

describe('Output', () => {
  const tell = (output: Output) => output.tell('done', { size: 1 }, 'Done', 'twice');
  const print = (output: Output) => output.print({ size: 1 }, ['Size 1']);

  test('writes plain lines for people, and one JSON event a line for programs', () => {
    expect(written({}, tell)).toBe('Done\ntwice\n');
    expect(written({ isJson: true }, tell)).toBe('{"event":"done","size":1}\n');
  });

  test('writes nothing for people with --quiet, but every event for programs', () => {
    expect(written({ isQuiet: true }, tell)).toBe('');
    expect(written({ isQuiet: true, isJson: true }, tell)).toBe('{"event":"done","size":1}\n');
  });

  test('prints the result of the command with --quiet, too', () => {
    expect(written({ isQuiet: true }, print)).toBe('Size 1\n');
    expect(written({ isJson: true }, print)).toBe('{"size":1}\n');
  });

  test('escapes in JSON the characters that a terminal would obey', () => {
    const name = '\u009b31m \u202e \u001b \u2028 ü';
    const line = written({ isJson: true }, (output) => output.print({ name }, []));
    expect(line).toBe('{"name":"\\u009b31m \\u202e \\u001b \\u2028 ü"}\n');
    expect(JSON.parse(line)).toEqual({ name });
  });

  test('Output.print() writes the same JSON as JSON.stringify() for any object, even with long lists', () => {
    const values = [
      {},
      { a: undefined, b: null, c: [], d: [[]], e: { f: [1] }, g: 'x' },
      { files: Array.from({ length: 2500 }, (_, at) => ({ path: `ü${at}`, size: at })), last: true },
    ];
    for (const value of values) {
      const line = written({ isJson: true }, (output) => output.print(value, []));
      expect(line).toBe(`${JSON.stringify(value)}\n`);
    }
  });

  test('Output.print() writes a million lines', () => {
    const lines = Array.from({ length: 1_000_000 }, () => 'x');
    expect(written({}, (output) => output.print({}, lines)) === 'x\n'.repeat(1_000_000)).toBe(true);
  });
});
