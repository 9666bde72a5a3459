import type { Step } from '../../../lib/rabbitmq/steps.js';
import { type OrderNames, startOrderWorker } from './shared-orders.js';

/** What a worker's process is passed, as JSON in its first argument. Its broker is the one in AMQP_URL. */
export interface OrderWorkerOrders {
  readonly exchange: string;
  readonly queue: string;
  /** At the nth time it comes to this step it sends itself the signal. */
  readonly fault?: { readonly step: Step; readonly nth: number; readonly signal: 'SIGKILL' | 'SIGTERM' };
}

const { exchange, queue, fault } = JSON.parse(process.argv[2] ?? '') as OrderWorkerOrders;
const names: OrderNames = {
  exchange,
  bills: `${exchange}.bills`,
  dead: `${exchange}.dead`,
  worker: (name) => `${exchange}-${name}`,
};
let times = 0;
const worker = startOrderWorker(
  names,
  queue,
  {},
  {
    heartbeatSeconds: 1,
    onStep: (step) => {
      process.send?.({ step });
      if (step === fault?.step && ++times === fault.nth) process.kill(process.pid, fault.signal);
    },
  },
);
process.once('SIGTERM', () => void worker.stop());
const error = await worker.ended;
if (error !== undefined) {
  process.send?.({ fatal: String(error) });
  process.exitCode = 2;
}
process.disconnect?.();
