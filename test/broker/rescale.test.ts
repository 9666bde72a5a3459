import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  newOrderNames,
  type OrderNames,
  type OrderWorker,
  ready,
  startOrderSensor,
  startOrderWorker,
} from '../support/broker/shared-orders.js';

let names: OrderNames;
let workers: OrderWorker[];

beforeEach(() => {
  names = newOrderNames();
  workers = [];
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
});

async function join(name: string): Promise<OrderWorker> {
  const worker = startOrderWorker(names, names.worker(name));
  workers.push(worker);
  await ready(worker);
  return worker;
}

describe('a queue that joins', () => {
  it('has purchases of what was picked up elsewhere dead-lettered, where nothing is handed over: the hazard', async () => {
    await join('1');
    await join('2');
    const sensor = await startOrderSensor(names, { keys: 1_000, perSecond: 500 });
    const third = startOrderWorker(names, names.worker('3'), 'none');
    workers.push(third);
    await ready(third);
    expect((await sensor.closes()).wrong.length).toBeGreaterThan(50);
  });

  it('gets its baskets from the others while a sensor never stops', async () => {
    await join('1');
    await join('2');
    const sensor = await startOrderSensor(names, { keys: 2_000, perSecond: 500 });
    const third = await join('3');
    await expect.poll(() => third.log.of('rescale-took').length).toBe(1);
    const { wrong } = await sensor.closes();
    expect(wrong).toEqual([]);
    expect(third.log.of('rescale-took')[0]).toMatch(/"entries":\d{3}/);
  });
});
