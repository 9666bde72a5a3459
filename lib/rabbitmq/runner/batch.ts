import type { ConsumeMessage } from 'amqplib';
import { pause } from '../../waiting/backoff.js';
import { DeadlineError } from '../../waiting/deadline.js';
import type { Journal } from '../changelog/journal.js';
import type { BatchReport } from '../observing/batch-report.js';
import { decide } from './decision.js';
import { fittingParts } from './fitting-parts.js';
import { waitForNextAttempt } from './next-attempt.js';
import { OpenBatch } from './open-batch.js';
import { type IsolateContext, settleAlone } from './settle-alone.js';
import { settleWhole } from './settle-whole.js';
import { unfitFor } from './unfit.js';

/**
 * What happens to a batch that fails. `bounded`: its messages are tried alone, and one that fails while others succeed is
 * rejected; a handler may say which ones failed. `aws`: the whole batch is tried again until it succeeds, whatever the handler
 * returns.
 */
export type Retry = 'bounded' | 'aws';

export interface SettleContext<Value> extends IsolateContext<Value> {
  readonly retry: Retry;
  /** How often the same batch is tried before its messages are tried one by one. */
  readonly attempts: number;
  /** How often a message may end the process, if the journal remembers. */
  readonly crashesAllowed: number;
}

export interface SettledBatch {
  readonly report: BatchReport;
  /** Left open, because nothing here could distinguish an outage from poison: it comes again together with more messages. */
  readonly unsettled: number;
}

/**
 * Settles one batch: every message of it is acknowledged or rejected. The handler is first given all fresh messages at once. If
 * it throws, they are tried again after a wait, up to the limit, and then each message alone, in order: see `settleAlone`. A
 * decision is made permanent as a whole before any of its messages is acknowledged: record and outgoing messages published, all
 * confirmed, store committed.
 * @param proven whether a message was settled that was never delivered before, so that whatever ended an earlier process is
 *   behind us
 * @throws ChannelGoneError, or the last failure once the signal has aborted; anything not acknowledged comes again
 */
export async function settleBatch<Value>(
  settling: SettleContext<Value>,
  deliveries: readonly ConsumeMessage[],
  proven: boolean,
): Promise<SettledBatch> {
  const { fresh, repeated, copies } = settling.journal.sort(deliveries);
  const batch = new OpenBatch(settling, deliveries, copies);
  batch.skip(repeated);
  const invocable = await rejectUnfit(settling, batch, fresh);
  if (settling.retry === 'aws') {
    await settleWhole(settling, batch, invocable);
    return { report: batch.report(), unsettled: batch.unsettled };
  }
  for (const group of proven ? [invocable] : bySuspicion(settling.journal, invocable)) {
    const harmless = proven ? group : await rejectKillers(settling, batch, group);
    if ((await settleTogether(settling, batch, harmless)) === 'left') break;
  }
  return { report: batch.report(), unsettled: batch.unsettled };
}

/** The wait between two checks of a message that does not fit into an invocation and may not be rejected. */
const KEPT_MS = 10_000;

/** Rejects messages that do not fit into an invocation, which the poller takes alone. Returns the others. */
async function rejectUnfit<Value>(
  { log, keeps, poller, signal }: SettleContext<Value>,
  batch: OpenBatch<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<readonly ConsumeMessage[]> {
  const [first] = deliveries;
  const reason = first && deliveries.length === 1 ? unfitFor(first) : undefined;
  if (first === undefined || reason === undefined) return deliveries;
  const { messageId } = first.properties;
  while (keeps) {
    log.error('this message does not fit into an invocation: it waits, and so does everything behind it', {
      code: 'unfit-kept',
      messageId,
      reason,
    });
    await pause(KEPT_MS, signal);
    poller.mustGoOn(signal);
  }
  log.error('this message does not fit into an invocation: it is rejected', {
    code: 'unfit-rejected',
    messageId,
    reason,
  });
  await batch.reject([{ delivery: first, reason }]);
  return [];
}

/** In order: messages that were in progress when a process ended, each alone; other returned messages; new ones. */
function bySuspicion<Value>(journal: Journal<Value>, deliveries: readonly ConsumeMessage[]): ConsumeMessage[][] {
  const groups: ConsumeMessage[][] = [];
  let before = '';
  for (const delivery of deliveries) {
    const kind =
      (journal.crashes?.of(delivery) ?? 0) > 0 ? 'suspect' : delivery.fields.redelivered ? 'returned' : 'new';
    if (kind === 'suspect' || kind !== before) groups.push([]);
    groups.at(-1)?.push(delivery);
    before = kind;
  }
  return groups;
}

/** Rejects messages that have ended the process too often, and records those that may end it now. Returns the others. */
async function rejectKillers<Value>(
  { journal, crashesAllowed, keeps }: SettleContext<Value>,
  batch: OpenBatch<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<readonly ConsumeMessage[]> {
  const killers = keeps ? [] : deliveries.filter((delivery) => (journal.crashes?.of(delivery) ?? 0) >= crashesAllowed);
  await journal.crashes?.forget(killers);
  await batch.reject(killers.map((delivery) => ({ delivery, reason: `ended its process ${crashesAllowed} times` })));
  const harmless = deliveries.filter((delivery) => !killers.includes(delivery));
  await journal.crashes?.suspect(harmless.filter(({ fields }) => fields.redelivered));
  return harmless;
}

async function settleTogether<Value>(
  settling: SettleContext<Value>,
  batch: OpenBatch<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<'settled' | 'left'> {
  const { attempts } = settling;
  const { evidence } = batch;
  let pending = deliveries;
  for (let attempt = 1; pending.length > 1 && attempt <= attempts; attempt++) {
    const decision = await decide(settling, pending);
    if (decision.kind === 'too large') {
      for (const part of fittingParts(pending, settling.journal)) {
        if ((await settleTogether(settling, batch, part)) === 'left') return 'left';
      }
      return 'settled';
    }
    if (decision.kind === 'failed') {
      evidence.fails();
      // Trying all again takes the timeout once more; trying each alone costs that only for the one that hangs.
      if (decision.error instanceof DeadlineError) break;
    } else {
      await batch.conclude(decision);
      if (decision.retry.length < pending.length) evidence.works();
      else evidence.fails();
      pending = decision.retry;
    }
    if (pending.length > 1 && attempt < attempts) {
      const error = decision.kind === 'failed' ? decision.error : new Error(decision.why ?? 'failed without a reason');
      await waitForNextAttempt(settling, 'the handler failed; trying again', attempt, error, decision.invocation);
    }
  }
  for (const [index, delivery] of pending.entries()) {
    // No message may overtake the one that was left.
    if ((await settleAlone(settling, batch, delivery, pending.slice(index + 1))) === 'left') return 'left';
  }
  return 'settled';
}
