import pc from 'picocolors';
import type { Deviation } from '../../lib/rabbitmq/topology/topology.js';
import { printableLine } from '../terminal/printable.js';
import { drawTable } from '../terminal/table.js';

/** One table of all differences, each with what it may cost. */
export function drawDeviations(deviations: readonly Deviation[], width?: number): string {
  const rows: string[][] = [];
  for (const { thing, differences } of deviations) {
    if (differences === 'missing') {
      rows.push([pc.bold(printableLine(thing)), '', '', pc.red('missing'), 'nothing is routed there']);
      continue;
    }
    for (const { point, expected, found, meaning } of differences) {
      rows.push([pc.bold(printableLine(thing)), printableLine(point), shown(expected), pc.red(shown(found)), meaning]);
    }
  }
  return drawTable(['what', 'point', 'design', 'broker', 'what it may cost'], rows, { width });
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : printableLine(String(value));
}
