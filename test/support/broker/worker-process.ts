import { amqpUrl, type Scene } from './broker.js';
import { forkWorker, type WorkerProcess } from './forked.js';
import type { WorkerOrders } from './worker.js';

export { endWorkers, type WorkerProcess } from './forked.js';

export function startWorker(scene: Scene, orders: Partial<WorkerOrders> = {}): WorkerProcess {
  const { queue, bills, alerts } = scene;
  return forkWorker('worker', { amqpUrl, queue, bills, alerts, ...orders });
}
