import { randomUUID } from 'node:crypto';
import { pause } from '../../waiting/backoff.js';
import { changelogOf } from '../changelog/stream.js';
import { exists } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import type { AdapterLog } from '../log.js';
import type { RescaleLog } from './rescale-log.js';

export interface RollCallContext {
  readonly connection: Connection;
  readonly records: RescaleLog;
  readonly log: AdapterLog;
  readonly signal: AbortSignal;
}

/** Every runner answers within this time. */
const ANSWER_MS = 1_000;
/** A dead connection counts as a consumer until it has missed two heartbeats. */
const SILENT_MS = 30_000;
/** How often the missing queues are logged. */
const SAY_MS = 10_000;

/** Who serves a queue: runners that rescale, no one, or, as far as can be seen, a program that does not rescale. */
export type Served = 'ours' | 'nobody' | 'foreign';

/** By queue; `entries` if its runner knows them. */
export type Roll = ReadonlyMap<string, { readonly served: Served; readonly entries: number | undefined }>;

/**
 * Finds out who serves some queues. Over AMQP a queue shows only the number of its consumers, so runners that rescale are asked.
 */
export async function callRoll(
  { connection, records, signal }: RollCallContext,
  queues: readonly string[],
): Promise<Roll> {
  const call = randomUUID();
  const runners = new Map(queues.map((queue) => [queue, new Set<string>()]));
  const entries = new Map<string, number>();
  const stopListening = records.listen((record) => {
    if (record.kind !== 'here' || record.call !== call) return;
    runners.get(record.queue)?.add(record.runner);
    if (record.entries !== undefined) entries.set(record.queue, record.entries);
  });
  try {
    await records.append({ kind: 'who', call });
    const until = performance.now() + ANSWER_MS;
    const consumers = await consumersOf(connection, queues);
    const silent = () => queues.filter((queue) => (runners.get(queue)?.size ?? 0) < (consumers.get(queue) ?? 0));
    while (silent().length > 0 && performance.now() < until && !signal.aborted) await pause(20, signal);
    return new Map(
      queues.map((queue) => {
        const served: Served = silent().includes(queue) ? 'foreign' : consumers.get(queue) === 0 ? 'nobody' : 'ours';
        return [queue, { served, entries: entries.get(queue) }];
      }),
    );
  } finally {
    stopListening();
  }
}

/** The number of consumers of each; zero for a queue that does not exist. */
export async function consumersOf(
  connection: Connection,
  queues: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const consumers = new Map(queues.map((queue) => [queue, 0]));
  for (const queue of queues) {
    await exists(connection, async (channel) => {
      consumers.set(queue, (await channel.checkQueue(queue)).consumerCount);
    });
  }
  return consumers;
}

export interface Wanting {
  /** Who waits, for the log line. */
  readonly who: string;
  /** Whether to wait for queues that no one serves, too. */
  readonly mustBeServed: boolean;
}

/**
 * Waits until queues are served by runners that rescale, and by no one else; logs from time to time which are not.
 * @returns undefined if one is served by a program that does not answer for longer than it takes to notice a lost connection, or
 *   that keeps no changelog
 */
export async function servedByOurs(
  calling: RollCallContext,
  queues: readonly string[],
  { who, mustBeServed }: Wanting,
): Promise<Roll | undefined> {
  const { connection, log, signal } = calling;
  let saidAt = performance.now();
  let silentSince: number | undefined;
  for (;;) {
    const called = await callRoll(calling, queues);
    const roll = [...called];
    const unserved = mustBeServed ? roll.filter(([, { served }]) => served === 'nobody').map(([queue]) => queue) : [];
    const silent = roll.filter(([, { served }]) => served === 'foreign').map(([queue]) => queue);
    if (silent.length + unserved.length === 0) return called;
    for (const queue of silent) {
      if (!(await exists(connection, (channel) => channel.checkQueue(changelogOf(queue))))) return undefined;
    }
    silentSince = silent.length === 0 ? undefined : (silentSince ?? performance.now());
    if (silentSince !== undefined && performance.now() - silentSince > SILENT_MS) return undefined;
    if (performance.now() - saidAt > SAY_MS) {
      saidAt = performance.now();
      const missing = [...unserved, ...silent];
      const why = unserved.length > 0 ? 'no worker serves it' : 'its worker does not answer';
      log.warn(`${who} waits for ${missing.join(', ')}: ${why}`, { code: 'rescale-waits', missing });
    }
    await pause(ANSWER_MS, signal);
    signal.throwIfAborted();
  }
}
