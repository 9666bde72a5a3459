import Table from 'cli-table3';
import pc from 'picocolors';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** For output that a file or another program reads. */
const REDIRECTED_COLUMNS = 80;
/** A narrower column of names cannot be read. */
const NARROWEST = 8;
const PADDING = 2;

export interface TableOptions {
  /** Lines between the rows. */
  readonly ruled?: boolean;
  /** The width to fit into. Default: the terminal's width, or 80 if the output is redirected. */
  readonly width?: number | undefined;
  /** The width that a wider column must keep; sentences need more than names. Default 8. */
  readonly narrowest?: number;
}

/**
 * Draws a table that is never wider than its space: the widest columns are narrowed and their text is wrapped; if that leaves no
 * room to read, each row becomes a block of lines. Nothing is left out.
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

/** Narrows the widest column until all fit. Undefined if that makes one too narrow to read. */
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
