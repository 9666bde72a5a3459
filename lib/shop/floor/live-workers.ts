import type { RunnerStatus } from '../../runner-status/read-runner-status.js';
import { queueOfWorker } from '../domain/topology.js';
import type { ShopStatus, Signer } from './shop-status.js';

/** A worker that has reported recently. */
export interface LiveWorker {
  readonly worker: string;
  readonly queue: string;
  /** Of those on one queue one is active; if it ends, the broker takes the one that has stood by longest. */
  readonly role: 'active' | 'standing by' | 'starting';
  /** Messages settled between its last two reports. */
  readonly perSecond: number;
  /** Of its handler, between its last two reports; missing if there were no invocations. */
  readonly invocations?: InvocationStats;
  readonly baskets: number;
  /** Records of its changelog that it has refused. */
  readonly skippedRecords?: number;
}

export interface InvocationStats {
  readonly count: number;
  readonly failed: number;
  /** Of each, on average. */
  readonly messages: number;
  /** Milliseconds of each, on average. */
  readonly ms: number;
}

/** By runner: its last report. */
export type HeardWorkers = ReadonlyMap<string, HeardWorker>;

interface HeardWorker {
  readonly status: RunnerStatus;
  /** Its previous report. */
  readonly last: RunnerStatus | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Three missed reports. */
const SILENT_MS = 6_500;
/** Reports of made-up runners get no more memory than this. */
const HEARD_AT_MOST = 200;

const SIGNERS_REMEMBERED = 100;

/** @param isQueue whether the broker has a queue, as far as is known: if there are too many, the workers of others give way */
export function hearWorker(
  before: HeardWorkers,
  status: RunnerStatus,
  now: number,
  isQueue: (name: string) => boolean = () => true,
): HeardWorkers {
  // The one that came first stays first.
  const heard = new Map([...before].filter(([, { at }]) => now - at < SILENT_MS));
  const last = heard.get(status.partition)?.status;
  if (status.state === 'stopped') heard.delete(status.partition);
  else heard.set(status.partition, { status, last, at: now });
  if (heard.size <= HEARD_AT_MOST) return heard;
  const queues = [...heard].map(([runner, { status }]) => [runner, status.queue] as const);
  heard.delete(whoGivesWay(queues, isQueue) ?? status.partition);
  return heard;
}

/**
 * If too many hold places: the first one whose queue does not exist, else the last one of the queue with most holders.
 * @param queues each holder with its queue, in order of arrival
 */
export function whoGivesWay<Holder>(
  queues: readonly (readonly [Holder, queue: string])[],
  isQueue: (name: string) => boolean,
): Holder | undefined {
  const perQueue = new Map<string, number>();
  for (const [, queue] of queues) perQueue.set(queue, (perQueue.get(queue) ?? 0) + 1);
  const most = Math.max(...perQueue.values());
  const [holder] =
    queues.find(([, queue]) => !isQueue(queue)) ??
    queues.findLast(([, queue]) => most > 1 && perQueue.get(queue) === most) ??
    [];
  return holder;
}

function rateBetween(last: RunnerStatus | undefined, { messages, upMs }: RunnerStatus): number {
  if (last === undefined || upMs <= last.upMs) return 0;
  return Math.max(0, ((messages - last.messages) / (upMs - last.upMs)) * 1000);
}

/** Those that are present now: by queue, the active one first, then the next in line. */
export function liveWorkers(heard: HeardWorkers, now: number): readonly LiveWorker[] {
  const live = [...heard.values()].filter(({ at }) => now - at < SILENT_MS);
  const queues = [...new Set(live.map(({ status }) => status.queue))].sort();
  return queues.flatMap((queue) => {
    const subscribed = live
      .filter(({ status }) => status.queue === queue && status.subscribedAt !== undefined)
      .sort(inLine);
    const starting = live.filter(({ status }) => status.queue === queue && status.subscribedAt === undefined);
    return [
      ...subscribed.map((each, index) => shown(each, index === 0 ? 'active' : 'standing by')),
      ...starting.map((each) => shown(each, 'starting')),
    ];
  });
}

/** The queue of the worker with this name: as it has reported, else as its name suggests. */
export function queueOfName(name: string, { workers, signers }: Pick<ShopStatus, 'workers' | 'signers'>): string {
  const signer = [...workers, ...signers].find(({ worker }) => worker === name);
  return signer?.queue ?? queueOfWorker(name);
}

/** With one that has reported itself. Anyone can sign with any name: the first hundred are remembered. */
export function rememberSigner(signers: readonly Signer[], { worker, queue }: Signer): readonly Signer[] {
  if (queueOfWorker(worker) === queue) return signers;
  const others = signers.filter((signer) => signer.worker !== worker);
  return others.length < SIGNERS_REMEMBERED ? [...others, { worker, queue }] : signers;
}

/** A worker learns only from its first delivery that it is active; of those without one, the oldest is. */
function inLine(one: HeardWorker, other: HeardWorker): number {
  const isActive = ({ status }: HeardWorker): boolean => status.state === 'active';
  if (isActive(one) !== isActive(other)) return isActive(one) ? -1 : 1;
  // If two claim to be active, the one that is gone was heard from longer ago.
  if (isActive(one)) return other.at - one.at;
  return (one.status.subscribedAt ?? 0) - (other.status.subscribedAt ?? 0);
}

function shown({ status, last }: HeardWorker, role: LiveWorker['role']): LiveWorker {
  const { name: worker, queue, entries: baskets, skippedRecords } = status;
  const invocations = invocationsBetween(last, status);
  return {
    worker,
    queue,
    role,
    perSecond: rateBetween(last, status),
    ...(invocations !== undefined && { invocations }),
    baskets,
    ...(skippedRecords !== undefined && { skippedRecords }),
  };
}

function invocationsBetween(last: RunnerStatus | undefined, now: RunnerStatus): InvocationStats | undefined {
  if (last === undefined) return undefined;
  const count = countOf(now) - countOf(last);
  if (count <= 0) return undefined;
  return {
    count,
    failed: Math.max(0, now.failures - last.failures),
    messages: (now.batchSizes.sum - last.batchSizes.sum) / count,
    ms: ((now.handlerSeconds.sum - last.handlerSeconds.sum) / count) * 1000,
  };
}

function countOf({ batchSizes }: RunnerStatus): number {
  return batchSizes.counts.reduce((sum, count) => sum + count, 0);
}
