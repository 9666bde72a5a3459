import type { ConsumeMessage } from 'amqplib';
import { MAX_PAYLOAD_BYTES } from '../../lambda/event/payload.js';
import { filtering } from '../consuming/filtering.js';
import { Poller } from '../consuming/poller.js';
import type { Subscription } from '../consuming/subscription.js';
import { type SettleContext, settleBatch } from './batch.js';
import type { Session } from './session.js';
import { invocationBytes } from './unfit.js';

/** After this long without messages, everything sent is marked as confirmed. */
const QUIET_MS = 1_000;

/** Each step returns the held messages to the queue and so raises their delivery count: few steps. */
const UNPROVEN_STEP = 8;

/**
 * A message that kills the process comes back, and each time raises the delivery count of all messages that were prefetched with
 * it. A journal can count crashes itself, so that the queue's delivery limit may be high. Without one, nothing is prefetched
 * until a message that was never delivered before has been settled. That costs order: a quorum queue returns a message behind
 * others that were returned before it (tried with 3.10.8). AWS does not take such care, and fills its first batch.
 */
export async function pollProvingFirst<Value>(session: Session<Value>): Promise<void> {
  if (session.journal.crashes === undefined && session.retry === 'bounded') {
    let prefetch = 1;
    while ((await poll(session, { prefetch, untilProven: true })) === 'undecided') {
      prefetch = Math.min(prefetch * UNPROVEN_STEP, session.prefetch);
    }
    if (session.signal.aborted) return;
  }
  await poll(session, { prefetch: session.prefetch, untilProven: false });
}

async function poll<Value>(
  session: Session<Value>,
  { prefetch, untilProven }: { readonly prefetch: number; readonly untilProven: boolean },
): Promise<'done' | 'undecided'> {
  const { connection, queue, missingAdvice, batchSize, batchingWindowMs, signal, journal } = session;
  const { subscriptionCheckMs, onStep, activity, rescaling } = session;
  const quietMs = Math.min(subscriptionCheckMs, rescaling?.quietMs ?? subscriptionCheckMs);
  const limits = {
    maxMessages: batchSize,
    maxBytes: MAX_PAYLOAD_BYTES,
    sizeOf: invocationBytes,
    windowMs: batchingWindowMs,
  };
  const poller = await Poller.open(connection, queue, { prefetch, missingAdvice, ...accepting(session) });
  activity.subscribed(poller);
  onStep('subscribed');
  rescaling?.subscribed();
  const mayLeave = untilProven && prefetch < session.prefetch;
  const settling = { ...session, poller, mayLeave };
  let proven = false;
  let undecided = false;
  for (let batches = 0; ; batches++) {
    while (await poller.quiet(journal.unmarked ? QUIET_MS : quietMs, signal)) {
      if (journal.unmarked) await journal.markConfirmed();
      else if (await rescaling?.hasLeft()) {
        await poller.close();
        await rescaling?.clearAway();
        session.end();
        return 'done';
      } else poller.checkSubscription();
    }
    limits.maxBytes = Math.min(MAX_PAYLOAD_BYTES, journal.mostBatchBytes);
    const deliveries = await poller.take(limits, signal);
    if (deliveries.length === 0) break;
    activity.delivered();
    onStep('delivered');
    // A standby is not told that it has become the active consumer: its first delivery shows it.
    if (batches === 0) {
      await journal.recover();
      await rescaling?.activate();
    }
    const provenBefore = proven;
    proven ||= deliveries.some(({ fields }) => !fields.redelivered);
    const last = untilProven && proven;
    if (last) poller.holdSettlements();
    undecided = await settleDelivered(settling, deliveries, provenBefore);
    if (last || undecided) break;
  }
  // This comes before the subscription ends: a successor opens a new epoch, and no mark of this one counts after that.
  if (signal.aborted) await journal.markConfirmed();
  await poller.close();
  return undecided && !signal.aborted ? 'undecided' : 'done';
}

/** Messages that the filter does not match are refused, but barriers are not. */
function accepting<Value>(session: Session<Value>): Pick<Subscription, 'accepts'> {
  const { rescaling } = session;
  const { accepts } = filtering(session);
  if (accepts === undefined || rescaling === undefined) return { ...(accepts && { accepts }) };
  return { accepts: (delivery) => rescaling.barrierIn(delivery) !== undefined || accepts(delivery) };
}

/** @returns whether something was left unsettled */
async function settleDelivered<Value>(
  settling: Session<Value> & SettleContext<Value>,
  deliveries: readonly ConsumeMessage[],
  proven: boolean,
): Promise<boolean> {
  const { rescaling, poller, activity, onBatch, works } = settling;
  let unsettled = 0;
  for (const part of rescaling?.partsOf(deliveries) ?? [deliveries]) {
    if ('epoch' in part) await rescaling?.meet(part, settling, poller);
    else {
      const own = rescaling === undefined ? part : await rescaling.forwardLate(part, settling, poller);
      const settled = await settleBatch(settling, own, proven);
      if (settled.report.messages > 0) {
        works();
        activity.settled(settled.report);
        onBatch(settled.report);
      }
      unsettled += settled.unsettled;
    }
  }
  return unsettled > 0;
}
