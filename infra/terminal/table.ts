import Table from 'cli-table3';
import pc from 'picocolors';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Where a file or another program reads. */
const REDIRECTED_COLUMNS = 80;
/** A column of names that is narrower cannot be read. */
const NARROWEST = 8;
const PADDING = 2;

export interface TableOptions {
  /** Lines between the rows. */
  readonly ruled?: boolean;
  /** Columns to fit into. Default: those of the terminal, 80 where it is redirected. */
  readonly width?: number | undefined;
  /** Columns that a column of more must keep; sentences need more than names. Default 8. */
  readonly narrowest?: number;
}

/**
 * Draws a table that is never wider than its place: the widest columns are narrowed and their text wrapped; where that
 * leaves no room to read, each row is a block of lines. Nothing is left out.
 *
 * @param rows cells may have several lines, and colours
 * @example drawTable(['queue', 'why'], [['orders', 'no such customer']], { width: 60 })
 */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TableOptions = {},
): string {
  const { ruled = true, width = process.stdout.columns || REDIRECTED_COLUMNS, narrowest = NARROWEST } = options;
  const widths = fitWidths(naturalWidths([head, ...rows]), width, narrowest);
  if (widths === undefined) return rows.map((row) => drawBlock(head, row, width)).join('\n\n');
  const table = new Table({
    head: head.map((title) => pc.bold(title)),
    style: { head: [], border: [] },
    colWidths: widths.map((column) => column + PADDING),
    ...(!ruled && { chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } }),
  });
  table.push(...rows.map((row) => row.map((cell, index) => wrap(cell, widths[index] ?? 0))));
  return table.toString();
}

function naturalWidths(rows: readonly (readonly string[])[]): number[] {
  const columns = rows[0]?.length ?? 0;
  return Array.from({ length: columns }, (_, index) => Math.max(...rows.map((row) => widthOf(row[index] ?? ''))));
}

function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

/** Takes from the widest until all fit. Undefined where that makes one too narrow to read. */
function fitWidths(natural: readonly number[], width: number, narrowest: number): number[] | undefined {
  const widths = [...natural];
  const room = width - widths.length * (PADDING + 1) - 1;
  for (let surplus = sum(widths) - room; surplus > 0; surplus--) {
    const widest = Math.max(...widths);
    if (widest <= narrowest) return undefined;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function drawBlock(head: readonly string[], row: readonly string[], width: number): string {
  const indent = widthOf(head.join('\n')) + PADDING;
  const lines = row.map((cell, index) => {
    const text = wrap(cell, Math.max(1, width - indent));
    return `${pc.bold((head[index] ?? '').padEnd(indent))}${text.replaceAll('\n', `\n${' '.repeat(indent)}`)}`;
  });
  return lines.join('\n');
}

function wrap(text: string, columns: number): string {
  return wrapAnsi(text, columns, { hard: true });
}
