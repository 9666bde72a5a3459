import pc from 'picocolors';
import { BILLING_EVENTS, DEAD_LETTER_QUEUE } from '../../../lib/shop/domain/topology.js';
import { drawTable } from '../../terminal/table.js';
import type { SeenEvent } from '../roles/worker.js';
import type { Played } from './play.js';

type Row = readonly [what: string, product: string, outcome: string];

/** One table of what everyone received: workers, customers, the till, the dead letters. */
export function drawPlayed({ seen, customers, bills, deadLetters }: Played, width?: number): string {
  const groups = [...groupByWorker(seen)].map(([worker, events]) => group(worker, events.map(workerRow)));
  for (const [customer, { shoppingEvents, billingEvents }] of customers) {
    const events = shoppingEvents.map(({ type, product, timestamp }): Row => [type, product, shortTime(timestamp)]);
    const owed = billingEvents.map(({ product, cost }): Row => ['bill', product, pc.green(`${cost}`)]);
    groups.push(group(customer, [...events, ...owed]));
  }
  groups.push(
    group(
      BILLING_EVENTS,
      bills.map(({ customer, product, cost }) => ['bill', product, pc.green(`${cost} for ${customer}`)]),
    ),
    group(
      DEAD_LETTER_QUEUE,
      deadLetters.map(({ type, product }) => [type, product, pc.red('dead letter')]),
    ),
  );
  return drawTable(['who', 'received', 'product', 'outcome'], groups, { width });
}

/** `2026-11-29T08:37:06.121Z` to the second; in full it would make the table wider than 80 columns. */
function shortTime(timestamp: string): string {
  return timestamp.replace(/\.\d+Z$/, '');
}

/** What one of them received, one line each, without rules between the lines. */
function group(who: string, rows: readonly Row[]): string[] {
  const column = (index: 0 | 1 | 2): string => rows.map((row) => row[index]).join('\n');
  return [pc.bold(who), column(0), column(1), column(2)];
}

function groupByWorker(seen: readonly SeenEvent[]): Map<string, SeenEvent[]> {
  const groups = new Map<string, SeenEvent[]>();
  for (const event of [...seen].sort((one, other) => one.worker.localeCompare(other.worker))) {
    groups.set(event.worker, [...(groups.get(event.worker) ?? []), event]);
  }
  return groups;
}

function workerRow({ event, verdict, reason }: SeenEvent): Row {
  const outcome = reason === undefined ? pc.green(verdict) : pc.red(reason);
  if (typeof event === 'string') return [event.slice(0, 20), '', outcome];
  return [event.event_type, event.product_number, outcome];
}
