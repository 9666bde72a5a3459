import { setTimeout as sleep } from 'node:timers/promises';
import { decodeRmqEvent } from '../../lib/lambda/event/rmq-records.js';
import { adapterLog, createLogger } from '../../lib/lambda/function/logger.js';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { runQueue } from '../../lib/rabbitmq/runner/run-queue.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { serveParent } from './parent.js';

/** A worker whose handler waits for something else, 20 ms for each event, one after another, on some queues. */

const WAIT_MS = 20;

const { amqpUrl, queues: count } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string; queues: number };
const queues = Array.from({ length: count }, (_, index) => `waiting-${count}-${index}`);
const log = adapterLog(createLogger('bench'));
const connection = await openConnection({ amqpUrl, connectionName: 'bench', log });
await declareTopology(
  connection,
  {
    exchanges: [],
    queues: queues.map((name) => ({
      name,
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000 },
    })),
    bindings: [],
  },
  log,
);
const publisher = await Publisher.open(connection, 30_000);
let settled = 0;
let onSettled = (): void => undefined;

await Promise.all(
  queues.map(
    (queue) =>
      new Promise<void>((resolve, reject) => {
        runQueue<never>({
          amqpUrl,
          queue,
          connectionName: queue,
          handler: async (event) => {
            for (const _ of decodeRmqEvent(event)) await sleep(WAIT_MS);
            return { batchItemFailures: [], outgoing: [] };
          },
          handlerTimeoutMs: 60_000,
          store: new StagedStore<never>(),
          changelog: {},
          log,
          signal: new AbortController().signal,
          onStep: (step) => {
            if (step === 'subscribed') resolve();
          },
          onBatch: ({ accepted }) => {
            settled += accepted;
            onSettled();
          },
        }).catch(reject);
      }),
  ),
);

serveParent({ work });

/** Events per second, over as many events as are asked for, the same number to each queue. */
async function work(events: number): Promise<number> {
  const until = settled + events;
  const done = new Promise<void>((resolve) => {
    onSettled = () => {
      if (settled >= until) resolve();
    };
  });
  const startedAt = performance.now();
  const failures = await publisher.publishAll(
    Array.from({ length: events }, (_, index) => ({
      exchange: '',
      routingKey: queues[index % count] as string,
      content: Buffer.from('{}'),
      messageId: `${startedAt}.${index}`,
      mustRoute: true,
      properties: { persistent: true },
    })),
  );
  if (failures[0] !== undefined) throw failures[0];
  await done;
  return (1000 * events) / (performance.now() - startedAt);
}
