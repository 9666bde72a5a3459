import Table from 'cli-table3';
import pc from 'picocolors';
import type { Deviation } from '../../lib/rabbitmq/topology/topology.js';

/** One table of all differences, each with what it may cost. */
export function drawDeviations(deviations: readonly Deviation[]): string {
  const head = ['what', 'point', 'design', 'broker', 'what it may cost'];
  const table = new Table({
    head,
    style: { head: [], border: [] },
    wordWrap: true,
    colWidths: [null, null, 20, 20, 44],
  });
  for (const { thing, differences } of deviations) {
    if (differences === 'missing') {
      table.push([pc.bold(thing), '', '', pc.red('missing'), 'nothing arrives there']);
      continue;
    }
    for (const { point, expected, found, meaning } of differences) {
      table.push([pc.bold(thing), point, shown(expected), pc.red(shown(found)), meaning]);
    }
  }
  return table.toString();
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : String(value);
}
