import { describe, expect, it } from 'vitest';
import { type LiveWorker, rememberSigner } from '../../../../../lib/shop/floor/live-workers.js';
import { servedQueues } from '../../../../../lib/shop/floor/served-queues.js';
import { NOTHING_KNOWN, type QueueDepth } from '../../../../../lib/shop/floor/shop-status.js';
import type { WorkerShare } from '../../../../../lib/shop/floor/worker-shares.js';

const depth = (name: string, role: QueueDepth['role'] = 'worker'): QueueDepth => ({
  name,
  role,
  present: true,
  waiting: 0,
  consumers: 1,
});
const live = (worker: string, queue: string): LiveWorker => ({
  worker,
  queue,
  role: 'active',
  perSecond: 0,
  baskets: 0,
});
const share = (worker: string, more: Partial<WorkerShare> = {}): WorkerShare => ({
  worker,
  alerts: 0,
  bills: 0,
  rejected: 0,
  products: [],
  ...more,
});

describe('what is known of each worker queue', () => {
  it('is under one name, whoever signed: the worker, its successor, or the queue', () => {
    const status = {
      ...NOTHING_KNOWN,
      queues: [depth('worker01_queue'), depth('billing_events', 'bills')],
      workers: [live('anna', 'worker01_queue')],
    };
    const shares = [
      share('anna', { alerts: 3, products: ['AX', 'BX'] }),
      share('worker01', { alerts: 2, bills: 1, products: ['BX', 'CX'] }),
      share('worker01_queue', { rejected: 4 }),
    ];
    const [served, ...others] = servedQueues(status, shares);
    expect(served).toMatchObject({ name: 'worker01', alerts: 5, bills: 1, rejected: 4, products: ['AX', 'BX', 'CX'] });
    expect(served?.workers).toEqual(status.workers);
    expect(others).toEqual([]);
  });

  it('is under one name when the worker has left that had another name', () => {
    const signers = rememberSigner(rememberSigner([], live('anna', 'worker02_queue')), live('anna', 'worker01_queue'));
    const status = { ...NOTHING_KNOWN, queues: [depth('worker01_queue')], signers };
    expect(servedQueues(status, [share('anna', { alerts: 3 })])).toMatchObject([{ name: 'worker01', alerts: 3 }]);
    expect(rememberSigner([], live('worker01', 'worker01_queue'))).toEqual([]);
    const made = Array.from({ length: 200 }, (_, index) => live(`made-up ${index}`, 'worker01_queue'));
    expect(made.reduce(rememberSigner, signers)).toHaveLength(100);
  });

  it('leaves out nobody: whose queue is not known stands alone', () => {
    const status = { ...NOTHING_KNOWN, queues: [depth('worker01_queue')] };
    expect(servedQueues(status, [share('unknown worker', { alerts: 1 })])).toMatchObject([
      { name: 'worker01', alerts: 0, workers: [] },
      { name: 'unknown worker', alerts: 1, depth: undefined },
    ]);
  });
});
