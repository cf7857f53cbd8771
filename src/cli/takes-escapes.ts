/**
 * Tells whether a stream is a terminal that obeys escape sequences and may be drawn on. It is not for a file, a pipe or a dumb
 * terminal, or when `NO_COLOR` or `CI` asks for plain lines.
 *
 * @see https://no-color.org
 */
export function takesEscapes(
  { isTTY }: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const isPlain = [env['NO_COLOR'], env['CI']].some((value = '') => !['', '0', 'false'].includes(value));
  return isTTY === true && env['TERM'] !== 'dumb' && !isPlain;
}
