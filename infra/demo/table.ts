import Table from 'cli-table3';
import pc from 'picocolors';
import { BILLING_EVENTS, DEAD_LETTER_QUEUE } from '../../lib/shop/topology.js';
import type { SeenEvent } from '../roles/worker.js';
import type { Played } from './play.js';

type Row = readonly [what: string, product: string, outcome: string];

/** One table of what everyone received: workers, customers, the till, the dead letters. */
export function drawTable({ seen, customers, bills, deadLetters }: Played): string {
  const table = new Table({ head: ['who', 'received', 'product', 'outcome'], style: { head: [], border: [] } });
  for (const [worker, events] of groupByWorker(seen)) table.push(group(worker, events.map(workerRow)));
  for (const [customer, { shoppingEvents, billingEvents }] of customers) {
    const events = shoppingEvents.map(({ type, product, timestamp }): Row => [type, product, timestamp]);
    const owed = billingEvents.map(({ product, cost }): Row => ['bill', product, pc.green(`${cost}`)]);
    table.push(group(customer, [...events, ...owed]));
  }
  table.push(
    group(
      BILLING_EVENTS,
      bills.map(({ customer, product, cost }) => ['bill', product, pc.green(`${cost} for ${customer}`)]),
    ),
  );
  table.push(
    group(
      DEAD_LETTER_QUEUE,
      deadLetters.map(({ type, product }) => [type, product, pc.red('dead letter')]),
    ),
  );
  return table.toString();
}

/** What one received, one line each, without rules between them. */
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
  const outcome = reason === undefined ? pc.green(verdict) : pc.red(`${verdict}: ${reason}`);
  if (typeof event === 'string') return [event.slice(0, 20), '', outcome];
  return [event.event_type, event.product_number, outcome];
}
