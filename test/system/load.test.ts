import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ConsumeMessage, connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { readDatabase } from '../../lib/shop/database/database.js';
import type { WireBill } from '../../lib/shop/domain/wire.js';
import type { Child } from '../support/system/child.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, useSharedBroker, start } = commandsPerTest();

/** Resident memory in kB. Linux only. */
function residentMemory({ process: { pid } }: Child): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

/**
 * V8 lets its heap grow while it is busy, and returns garbage only when idle, a minute or so later. With its inspector it does so
 * at once.
 */
async function memoryWithoutGarbage(child: Child): Promise<number> {
  const inspector = new WebSocket(/Debugger listening on (ws:\S+)/.exec(child.stderr())?.[1] ?? '');
  await once(inspector, 'open');
  inspector.send('{"id":1,"method":"HeapProfiler.collectGarbage"}');
  await once(inspector, 'message');
  inspector.terminate();
  return residentMemory(child);
}

interface Seen {
  readonly worker: string;
  readonly verdict: string;
  readonly event: { readonly product_number: string };
}

describe('under load', () => {
  it('bills five thousand purchases that come at once, each once and right, on one worker per product', {
    timeout: 240_000,
  }, async () => {
    const amqpUrl = await useSharedBroker();
    const database = join(folder(), 'shop.json');
    const produce = async (count: number) => {
      const produced = start('smart-shopping', [
        ...['produce', '--count', `${count}`, '--products', '5000', '--database', database, '--json'],
      ]);
      expect({ code: await produced.ended, stderr: produced.stderr() }).toMatchObject({ code: 0 });
      expect(produced.results()).toMatchObject([{ pick_ups: count, purchases: count, confirmed: 2 * count }]);
    };
    expect(await start('smart-shopping', ['topology', 'declare']).ended).toBe(0);
    await produce(1);
    const workers = ['worker01', 'worker02'].map((id) =>
      start('run-worker', ['-i', id, '-q', `${id}_queue`, '--json'], {
        SHOP_DATABASE: database,
        NODE_OPTIONS: '--inspect=127.0.0.1:0',
      }),
    );
    const seen = () => workers.flatMap((worker) => worker.results() as Seen[]);
    const settled = (events: number) => expect.poll(() => seen().length).toBe(events);

    await settled(2);
    await produce(1_999);
    await settled(4_000);
    const early = await Promise.all(workers.map(memoryWithoutGarbage));
    await produce(3_000);
    await settled(10_000);
    await produce(5_000);
    await settled(20_000);
    const busy = workers.map(residentMemory);
    expect(new Set(seen().map(({ verdict }) => verdict))).toEqual(new Set(['picked up', 'billed']));
    const workersOf = new Map<string, Set<string>>();
    for (const { worker, event } of seen()) {
      workersOf.set(event.product_number, (workersOf.get(event.product_number) ?? new Set()).add(worker));
    }
    expect(workersOf.size).toBe(5_000);
    expect([...workersOf.values()].filter((them) => them.size > 1)).toEqual([]);

    const catalog = readDatabase(database);
    const connection = await connect(amqpUrl);
    const channel = await connection.createChannel();
    const bills = new Map<string, WireBill>();
    await channel.consume('billing_events', (delivery) => {
      const { properties, content } = delivery as ConsumeMessage;
      bills.set(properties.messageId, JSON.parse(content.toString()) as WireBill);
      channel.ack(delivery as ConsumeMessage);
    });
    await expect.poll(() => bills.size).toBe(10_000);
    for (const bill of bills.values()) {
      expect(bill).toMatchObject({ customer_id: catalog.customerOf(bill.product_number), shopping_cost: 8 });
      // A fast machine sends both in one millisecond.
      expect(bill.purchase_time >= bill.pickup_time).toBe(true);
    }
    const billed = new Map<string, number>();
    for (const { product_number } of bills.values()) billed.set(product_number, (billed.get(product_number) ?? 0) + 1);
    for (const [index, product] of catalog.products.entries()) {
      expect(billed.get(product), product).toBe(1 + Number(index < 3_000) + Number(index < 1_999) + Number(index < 1));
    }
    for (const queue of ['worker01_queue', 'worker02_queue', 'billing_events', 'shopping_events_dead_letter_queue']) {
      await expect.poll(async () => (await channel.checkQueue(queue)).messageCount).toBe(0);
    }
    await connection.close();

    const rest = await Promise.all(workers.map(memoryWithoutGarbage));
    console.info(
      `memory of each worker (kB) after 2,000 events: ${early}; after 10,000: ${busy}; without garbage: ${rest}`,
    );
    for (const [index, memory] of rest.entries()) expect(memory).toBeLessThanOrEqual(1.2 * (early[index] as number));
    for (const child of workers) {
      child.process.kill('SIGTERM');
      expect(await child.ended).toBe(0);
    }
  });
});
