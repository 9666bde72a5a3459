import { workerOf } from '../domain/topology.js';
import { type LiveWorker, queueOfName } from './live-workers.js';
import type { QueueDepth, ShopStatus } from './shop-status.js';
import type { WorkerShare } from './worker-shares.js';

/** A worker queue with everything known about it, or a worker whose queue is unknown because it does not report. */
export interface ServedQueue extends Omit<WorkerShare, 'worker'> {
  readonly name: string;
  readonly depth: QueueDepth | undefined;
  /** The active one first. */
  readonly workers: readonly LiveWorker[];
}

/** Combines what workers, broker and streams say about each worker queue. */
export function servedQueues(status: ShopStatus, shares: readonly WorkerShare[]): readonly ServedQueue[] {
  const { queues, workers } = status;
  const known = queues.filter(({ role }) => role === 'worker');
  const queueOfShare = ({ worker }: WorkerShare): string => queueOfName(worker, status);
  const isKnown = (share: WorkerShare): boolean => known.some(({ name }) => name === queueOfShare(share));
  return [
    ...known.map((depth) => ({
      ...sumOf(shares.filter((share) => queueOfShare(share) === depth.name)),
      name: workerOf(depth.name),
      depth,
      workers: workers.filter(({ queue }) => queue === depth.name),
    })),
    ...shares
      .filter((share) => !isKnown(share))
      .map((share) => ({ ...sumOf([share]), name: share.worker, depth: undefined, workers: [] })),
  ];
}

/** It appears under several names: a worker signs alerts with its own, and the broker dead letters with the queue's. */
function sumOf(shares: readonly WorkerShare[]): Omit<WorkerShare, 'worker'> {
  const sum = (count: (share: WorkerShare) => number): number => shares.reduce((all, each) => all + count(each), 0);
  return {
    alerts: sum(({ alerts }) => alerts),
    bills: sum(({ bills }) => bills),
    rejected: sum(({ rejected }) => rejected),
    products: [...new Set(shares.flatMap(({ products }) => products))],
  };
}
