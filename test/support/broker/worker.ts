import { runQueue } from '../../../lib/rabbitmq/runner/run-queue.js';
import type { Step } from '../../../lib/rabbitmq/steps.js';
import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { countingHandler } from './counting-handler.js';
import { recordingLog } from './recording-log.js';

/** What a worker process is passed, as JSON in its first argument. */
export interface WorkerOrders {
  readonly amqpUrl: string;
  readonly queue: string;
  readonly bills: string;
  readonly alerts: string;
  readonly topology?: Topology;
  readonly retentionBytes?: number;
  readonly prefetch?: number;
  readonly batchSize?: number;
  readonly changelog?: 'none';
  /** The handler fails at every message. */
  readonly outage?: true;
  /** At the nth time it comes to this step it sends itself the signal. */
  readonly fault?: { readonly step: Step; readonly nth: number; readonly signal: 'SIGKILL' | 'SIGSTOP' };
}

const fail = async (): Promise<never> => {
  throw new Error('out of order');
};
const orders = JSON.parse(process.argv[2] ?? '') as WorkerOrders;
const log = recordingLog();
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
let times = 0;

await runQueue<number>({
  ...orders,
  connectionName: `worker-${process.pid}`,
  handler: orders.outage ? fail : countingHandler(orders),
  handlerTimeoutMs: 5_000,
  // These nodes are not killed.
  youngQueueMs: 0,
  store: new StagedStore<number>(),
  changelog: orders.changelog ?? { retentionBytes: orders.retentionBytes ?? 8 * 1024 * 1024 },
  log,
  signal: stop.signal,
  heartbeatSeconds: 1,
  backoff: { firstMs: 10, maxMs: 200 },
  onStep: (step) => {
    process.send?.({ step });
    if (step !== orders.fault?.step) return;
    times++;
    if (times === orders.fault.nth) process.kill(process.pid, orders.fault.signal);
  },
  onBatch: (batch) => process.send?.({ batch }),
}).catch((error: unknown) => {
  process.send?.({ fatal: String(error) });
  process.exitCode = 2;
});
process.disconnect?.();
