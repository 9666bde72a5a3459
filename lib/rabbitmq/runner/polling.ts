import { MAX_PAYLOAD_BYTES } from '../../lambda/event/payload.js';
import { filtering } from '../consuming/filtering.js';
import { Poller } from '../consuming/poller.js';
import { settleBatch } from './batch.js';
import type { Session } from './session.js';
import { invocationBytes } from './unfit.js';

/** Nothing came for so long: time to mark what was sent as confirmed. */
const QUIET_MS = 1_000;

/** Each step returns what is held to the queue and so raises its delivery count: few steps. */
const UNPROVEN_STEP = 8;

/**
 * A message that kills the process comes back, and each time it raises the delivery count of all that were prefetched
 * with it. A journal can count crashes itself, so that the queue's delivery limit may be high. Without one nothing is
 * prefetched until a message that was never delivered before has been settled. That costs order: a quorum queue returns
 * a message behind others that were returned before it (3.10.8, tried). AWS takes no such care, and fills its first batch.
 */
export async function pollProvingFirst<Value>(session: Session<Value>): Promise<void> {
  if (!session.journal.countsCrashes && session.retry === 'bounded') {
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
  const { subscriptionCheckMs, onStep, onBatch, activity } = session;
  const limits = {
    maxMessages: batchSize,
    maxBytes: MAX_PAYLOAD_BYTES,
    sizeOf: invocationBytes,
    windowMs: batchingWindowMs,
  };
  const poller = await Poller.open(connection, queue, { prefetch, missingAdvice, ...filtering(session) });
  activity.subscribed(poller);
  onStep('subscribed');
  const mayLeave = untilProven && prefetch < session.prefetch;
  let proven = false;
  let undecided = false;
  for (let batches = 0; ; batches++) {
    while (await poller.quiet(journal.unmarked ? QUIET_MS : subscriptionCheckMs, signal)) {
      if (journal.unmarked) await journal.markConfirmed();
      else poller.checkSubscription();
    }
    const deliveries = await poller.take(limits, signal);
    if (deliveries.length === 0) break;
    activity.delivered();
    onStep('delivered');
    // A standby is not told that it has become the active consumer: its first delivery is the sign.
    if (batches === 0) await journal.recover();
    const provenBefore = proven;
    proven ||= deliveries.some(({ fields }) => !fields.redelivered);
    const last = untilProven && proven;
    if (last) poller.holdSettlements();
    const { report, unsettled } = await settleBatch({ ...session, poller, mayLeave, proven: provenBefore }, deliveries);
    if (report.messages > 0) {
      session.works();
      activity.settled(report);
      onBatch(report);
    }
    undecided = unsettled > 0;
    if (last || undecided) break;
  }
  // Before the subscription ends: whoever takes over opens a new epoch, and no mark of this one counts after it.
  if (signal.aborted) await journal.markConfirmed();
  await poller.close();
  return undecided && !signal.aborted ? 'undecided' : 'done';
}
