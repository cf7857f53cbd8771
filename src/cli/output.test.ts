import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from './output.ts';

function written(
  options: { readonly isJson?: boolean; readonly isQuiet?: boolean },
  use: (output: Output) => void,
) {
  const stream = new PassThrough({ encoding: 'utf8' });
  use(new Output(stream, { isJson: false, isQuiet: false, ...options }));
  return (stream.read() as string | null) ?? '';
}

describe('Output', () => {
  const tell = (output: Output) => output.tell('done', { size: 1 }, 'Done', 'twice');
  const print = (output: Output) => output.print({ size: 1 }, ['Size 1']);

  test('tells people lines, and programs one event a line', () => {
    expect(written({}, tell)).toBe('Done\ntwice\n');
    expect(written({ isJson: true }, tell)).toBe('{"event":"done","size":1}\n');
  });

  test('tells people nothing with --quiet, and programs all the same', () => {
    expect(written({ isQuiet: true }, tell)).toBe('');
    expect(written({ isQuiet: true, isJson: true }, tell)).toBe('{"event":"done","size":1}\n');
  });

  test('prints with --quiet what the command was called for', () => {
    expect(written({ isQuiet: true }, print)).toBe('Size 1\n');
    expect(written({ isJson: true }, print)).toBe('{"size":1}\n');
  });

  test('escapes in JSON what a terminal would obey', () => {
    const name = '\u009b31m \u202e \u001b \u2028 ü';
    const line = written({ isJson: true }, (output) => output.print({ name }, []));
    expect(line).toBe('{"name":"\\u009b31m \\u202e \\u001b \\u2028 ü"}\n');
    expect(JSON.parse(line)).toEqual({ name });
  });
});
