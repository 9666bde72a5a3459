import Table from 'cli-table3';
import type { Comparison } from './comparison.js';
import { type Figure, isMet, type Target } from './figure.js';
import { PROMISES } from './promises.js';
import type { Spread } from './statistics.js';

/** The comparison for people who read a terminal. */
export function drawTables({ rows, ratios }: Comparison): string {
  const results = plainTable(['', 'contender', 'events/s', 'min - max', 'CPU us/event', 'min - max']);
  for (const { id, title, eventsPerSecond, cpuMicrosPerEvent } of rows) {
    results.push([id, title, ...cells(eventsPerSecond, 0), ...cells(cpuMicrosPerEvent, 1)]);
  }
  const compared = plainTable(['ratio, paired', 'of', 'median', 'min - max', 'target', '']);
  for (const ratio of ratios) {
    const { one, other, measure, says } = ratio;
    const of = measure === 'eventsPerSecond' ? 'events/s' : 'worker CPU';
    compared.push([`${one} / ${other}`, of, ...cells(ratio.ratio, 2), targetOf(ratio, ratio.ratio), says]);
  }
  return [results, compared, promisesOf(rows)].filter(Boolean).join('\n\n');
}

/** Which contender keeps which promise. */
function promisesOf(rows: Comparison['rows']): string | undefined {
  const promising = rows.filter(({ promises }) => promises !== undefined);
  if (promising.length === 0) return undefined;
  const table = plainTable(['promise', ...promising.map(({ id }) => id)]);
  for (const [name, says] of Object.entries(PROMISES)) {
    const kept = promising.map(({ promises = [] }) => (promises.some((promise) => promise === name) ? 'yes' : ''));
    table.push([`${name}: ${says}`, ...kept]);
  }
  return `${table}`;
}

/** Everything else that was measured. */
export function drawFigures(figures: readonly Figure[]): string {
  const table = plainTable(['measure', 'median', 'min - max', 'unit', 'target']);
  for (const figure of figures) {
    const { what, unit, spread } = figure;
    table.push([what, ...cells(spread, spread.median < 100 ? 2 : 0), unit, targetOf(figure, spread)]);
  }
  return `${table}`;
}

function plainTable(head: string[]) {
  return new Table({ head, style: { head: [], border: [], compact: true } });
}

function cells({ median, min, max }: Spread, digits: number): string[] {
  return [median.toFixed(digits), `${min.toFixed(digits)} - ${max.toFixed(digits)}`];
}

function targetOf(target: Target, spread: Spread): string {
  const { atLeast, atMost } = target;
  if (atLeast === undefined && atMost === undefined) return '';
  const limit = atLeast !== undefined ? `>= ${atLeast}` : `<= ${atMost}`;
  return `${limit}, ${isMet(target, spread) ? 'met' : 'missed'}`;
}
