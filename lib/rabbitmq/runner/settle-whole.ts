import type { ConsumeMessage } from 'amqplib';
import { decide } from './decision.js';
import { fittingParts } from './fitting-parts.js';
import { waitForNextAttempt } from './next-attempt.js';
import type { BatchContext, OpenBatch } from './open-batch.js';

const FAILED = 'the handler failed; trying the whole batch again, as on AWS';

/**
 * Settles a batch as AWS does: the whole batch is tried again, in order, until the handler succeeds. Only a message's expiration
 * ends that, counted from its arrival here, because the broker lets nothing expire that a consumer holds.
 */
export async function settleWhole<Value>(
  acting: BatchContext<Value>,
  batch: OpenBatch<Value>,
  deliveries: readonly ConsumeMessage[],
): Promise<void> {
  let pending = deliveries;
  for (let attempt = 1; pending.length > 0; attempt++) {
    const decision = await decide(acting, pending);
    if (decision.kind === 'decided') return batch.conclude(decision);
    if (decision.kind === 'too large') return settleInParts(acting, batch, pending, decision.error);
    await waitForNextAttempt(acting, FAILED, attempt, decision.error, decision.invocation);
    pending = await rejectExpired(acting, batch, pending, attempt);
  }
}

/** For what does not fit into a changelog's record. */
async function settleInParts<Value>(
  acting: BatchContext<Value>,
  batch: OpenBatch<Value>,
  deliveries: readonly ConsumeMessage[],
  error: Error,
): Promise<void> {
  const [first, ...more] = deliveries;
  if (first === undefined) return;
  if (more.length === 0) return batch.reject([{ delivery: first, reason: error.message }]);
  for (const part of fittingParts(deliveries, acting.journal)) await settleWhole(acting, batch, part);
}

/** Returns the others. */
async function rejectExpired<Value>(
  { poller }: BatchContext<Value>,
  batch: OpenBatch<Value>,
  deliveries: readonly ConsumeMessage[],
  attempts: number,
): Promise<readonly ConsumeMessage[]> {
  const now = performance.now();
  const expired = deliveries.filter((delivery) => now >= poller.expiresAt(delivery));
  if (expired.length === 0) return deliveries;
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  await batch.reject(
    expired.map((delivery) => ({
      delivery,
      reason: `expired after ${delivery.properties.expiration} ms: its batch failed ${times}`,
    })),
  );
  return deliveries.filter((delivery) => !expired.includes(delivery));
}
