/** Makes a table. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Makes the columns of each table of a page as wide as their widest cell, as the formatter does. */
export function alignTables(page: string): string {
  return page.replace(/(?:^\|.*\|$\n?)+/gm, alignTable);
}

function alignTable(table: string): string {
  const rows = table
    .trimEnd()
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((cells, at) => (at === 1 ? 0 : (cells[column] ?? '').length))),
  );
  const lines = rows.map((cells, at) => {
    const padded = cells.map((cell, column) =>
      at === 1 ? '-'.repeat(widths[column]!) : cell.padEnd(widths[column]!),
    );
    return `| ${padded.join(' | ')} |`;
  });
  return `${lines.join('\n')}${table.endsWith('\n') ? '\n' : ''}`;
}
