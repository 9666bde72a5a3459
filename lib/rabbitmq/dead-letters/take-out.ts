import type { LogEntry } from '../../dead-letters/log-entry.js';
import type { Connection } from '../connection/connection.js';
import { Exchanges } from '../publishing/exchanges.js';
import type { Publisher } from '../publishing/publisher.js';
import { addressOfLog, deadLetterId } from './dead-letter-log.js';
import { QueueWalk } from './dead-letter-queue.js';
import type { DeadLetterPlaces } from './list.js';
import { type Letter, mark, mustTakeMarks } from './mark.js';

export interface TakeOutOptions extends DeadLetterPlaces {
  /** The dead letters to take out: their ids, with the reasons that people were shown. */
  readonly reasons: ReadonlyMap<string, string>;
  /** Who takes them out, and with which command, for the log. */
  readonly by?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
  /** Called at every point at which a kill must neither lose nor double anything. */
  readonly onStep?: (step: TakeOutStep) => void;
}

export type TakeOutStep = 'taken' | 'sent' | 'marked' | 'acknowledged';

/** A dead letter that stays where it is, and why. */
export interface LeftAlone {
  readonly id: string;
  readonly problem: string;
}

export interface TakenOut {
  readonly done: number;
  readonly left: readonly LeftAlone[];
}

/** What is done with dead letters before they leave the queue. */
export interface Removal {
  /** The state that the log records for them. */
  readonly kind: LogEntry['kind'];
  readonly publisher: Publisher;
  /** The maximum number of messages at a time. */
  readonly atOnce: number;
  /** Resolves when it is time for this many more, or the signal has aborted. */
  readonly pace: (letters: number) => Promise<void>;
  /** Returns those that must stay. */
  readonly act: (letters: readonly Letter[]) => Promise<readonly LeftAlone[]>;
}

/**
 * Takes dead letters out of their queue, in order, some at a time: those that need not stay are marked in the log, and only then
 * leave the queue.
 * @throws ChannelGoneError, also if they cannot be marked; then nothing is done to any of them
 */
export async function takeOut(
  connection: Connection,
  { queue, log: stream, reasons, by, signal, onProgress, onStep }: TakeOutOptions,
  { kind, publisher, atOnce, pace, act }: Removal,
): Promise<TakenOut> {
  const log = stream === undefined ? undefined : await addressOfLog(new Exchanges(connection), stream);
  await mustTakeMarks(publisher, log);
  const walk = await QueueWalk.open(connection, { queue, atOnce, expected: reasons.size, signal });
  const left: LeftAlone[] = [];
  let done = 0;
  try {
    for (let messages = await walk.next(); messages.length > 0; messages = await walk.next()) {
      const letters = messages
        .map((message) => ({ id: deadLetterId(message), message }))
        .filter(({ id }) => reasons.has(id));
      onStep?.('taken');
      await pace(letters.length);
      if (signal.aborted) break;
      // A redriven message may be rejected again before it is marked.
      const at = new Date();
      const stay = await act(letters);
      onStep?.('sent');
      left.push(...stay);
      const ids = new Set(stay.map(({ id }) => id));
      const leaving = letters.filter(({ id }) => !ids.has(id));
      await mark(publisher, leaving, { log, kind, reasonOf: ({ id }) => reasons.get(id) ?? '', at, by });
      onStep?.('marked');
      walk.acknowledge(leaving.map(({ message }) => message));
      onStep?.('acknowledged');
      done += leaving.length;
      onProgress?.(done);
    }
  } finally {
    await walk.close();
  }
  return { done, left };
}
