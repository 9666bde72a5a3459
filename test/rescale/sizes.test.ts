import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { planRescale, requestRescale } from '../../lib/rabbitmq/rescale/request.js';
import { RescaleLog } from '../../lib/rabbitmq/rescale/rescale-log.js';
import { isAtRest } from '../../lib/rabbitmq/rescale/rescale-state.js';
import { amqpUrl } from '../support/broker/broker.js';
import { endWorkers, forkWorker, type WorkerProcess } from '../support/broker/forked.js';
import type { OrderWorkerOrders } from '../support/broker/order-worker.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { newOrderNames, type OrderNames, startOrderSensor } from '../support/broker/shared-orders.js';

/** Half of them are open at any moment, once the sensor has gone on for a while; all of them at the beginning. */
const KEYS = Number(process.env['RESCALE_KEYS'] ?? 20_000);
/** Only the first step, for many keys. */
const ONLY_FIRST = KEYS > 100_000;
const PER_SECOND = 1_000;

let connection: Connection;

afterEach(async () => {
  await endWorkers();
  await connection.close();
});

async function openRecords({ exchange }: OrderNames): Promise<RescaleLog> {
  connection = await openConnection({ amqpUrl, connectionName: 'sizes', log: recordingLog() });
  const publisher = await Publisher.open(connection, 10_000);
  const signal = new AbortController().signal;
  const log = recordingLog();
  return RescaleLog.open(connection, exchange, {
    publisher,
    backoff: { firstMs: 5, maxMs: 50 },
    log,
    onStep: () => undefined,
    signal,
  });
}

/** In megabytes. */
function memoryOf({ child }: WorkerProcess): number {
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

it(`shares ${KEYS} open keys among other numbers of workers, under a sensor that never stops`, {
  timeout: 900_000,
}, async () => {
  const names = newOrderNames();
  const processes = new Map<number, WorkerProcess>();
  const nameOf = (number: number): string => names.worker(String(number).padStart(2, '0'));
  const start = (number: number): void => {
    processes.set(
      number,
      forkWorker('order-worker', { exchange: names.exchange, queue: nameOf(number) } satisfies OrderWorkerOrders),
    );
  };
  start(1);
  await processes.get(1)?.reached('in the ring');
  start(2);
  await processes.get(2)?.reached('in the ring');
  const records = await openRecords(names);
  const sensor = await startOrderSensor(names, { keys: KEYS, perSecond: PER_SECOND });
  const rows: string[] = [];
  /** Changes the ring to one of these workers, and returns what it took. */
  const measured = async (
    what: string,
    numbers: readonly number[],
    begin: () => Promise<void> | void,
  ): Promise<void> => {
    let moved = 0;
    const pauses: number[] = [];
    let begunAt = 0;
    const stopListening = records.listen((record) => {
      if (record.kind === 'step' && begunAt === 0) begunAt = performance.now();
      if (record.kind === 'took') moved += record.entries;
      if (record.kind === 'took' || record.kind === 'gave') pauses.push(record.ms ?? 0);
    });
    const openBefore = sensor.open();
    await begin();
    const wanted = numbers.map(nameOf).join();
    await records.until(
      () => isAtRest(records.state) && records.state.ring.map(({ queue }) => queue).join() === wanted,
    );
    stopListening();
    const ms = Math.round(performance.now() - begunAt);
    rows.push(
      `${what}: ${openBefore} open, ${moved} moved in ${ms} ms, longest pause of a queue ${Math.max(...pauses)} ms`,
    );
  };
  const leave = (numbers: readonly number[]) => async (): Promise<void> => {
    const plan = planRescale(records.state.ring, numbers.map(nameOf));
    expect(await requestRescale(records, plan)).toBe(true);
  };
  await measured('2 to 3', [1, 2, 3], () => start(3));
  if (!ONLY_FIRST) {
    await measured('3 to 4', [1, 2, 3, 4], () => start(4));
    await measured('4 to 3, the last leaves', [1, 2, 3], leave([1, 2, 3]));
    await measured('3 to 2, the first leaves', [2, 3], leave([2, 3]));
    const ten = Array.from({ length: 10 }, (_, index) => index + 4);
    await measured('2 to 12, in the order of their names', [2, 3, ...ten], async () => {
      for (const number of ten) {
        start(number);
        await processes.get(number)?.reached('in the ring');
      }
    });
    await measured('12 to 2', [2, 3], leave([2, 3]));
  }
  const memory = [...processes.values()].filter(({ child }) => child.exitCode === null).map(memoryOf);
  const { wrong, bought } = await sensor.closes();
  console.log(
    [...rows, `${bought} purchases, wrong: ${wrong.length}; workers took at most ${memory.join(', ')} MB`].join('\n'),
  );
  expect(wrong).toEqual([]);
});
