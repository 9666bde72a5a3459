import type { ConsumeMessage } from 'amqplib';
import { backoffDelay, pause } from '../../waiting/backoff.js';
import { DeadlineError } from '../../waiting/deadline.js';
import { type Decision, decide } from './decision.js';
import type { Evidence } from './evidence.js';
import type { InvocationNames } from './invocation.js';
import type { BatchContext, OpenBatch } from './open-batch.js';

export interface IsolateContext<Value> extends BatchContext<Value> {
  /** How often a message may fail while others get through. */
  readonly poisonAttempts: number;
  /** How long the handler may fail at every message before failing messages are rejected, in milliseconds. */
  readonly outageMs: number;
  /** Whether a message may be left unsettled if it fails along with all messages that it can be compared with. */
  readonly mayLeave: boolean;
}

/** The maximum number of messages that are tried to find out whether the handler works. */
const WITNESSES = 8;

/** A message that hangs costs the handler's whole timeout each time, so fewer attempts are enough. */
const STRIKES_OF_A_TIMEOUT = 2;

/**
 * Settles one message that failed next to others, before any that came after it. If nothing may be rejected, it is tried until it
 * gets through. An outage is not poison. When the message fails, the handler is tried on others that wait, and its answer is
 * discarded, so nothing is overtaken. If one of them gets through, the failure counts against this message, which is rejected
 * after several failures. If none does, the handler is considered to be down: this waits, and rejects only when that has lasted
 * longer than any outage should.
 */
export async function settleAlone<Value>(
  isolating: IsolateContext<Value>,
  batch: OpenBatch<Value>,
  delivery: ConsumeMessage,
  behind: readonly ConsumeMessage[],
): Promise<'settled' | 'left'> {
  const { poisonAttempts, outageMs, keeps, mayLeave, store, poller } = isolating;
  const { evidence } = batch;
  let strikes = 0;
  for (let attempt = 1; ; attempt++) {
    const decision = await decide(isolating, [delivery]);
    if (gotThrough(decision)) {
      evidence.works();
      await batch.conclude(decision);
      return 'settled';
    }
    store.rollback();
    const error = failureOf(decision);
    isolating.invoker.watch.failed(error);
    const others = [...behind, ...poller.waiting];
    if (decision.kind !== 'too large' && (await handlerWorks(isolating, evidence, others, attempt))) {
      strikes += error instanceof DeadlineError ? STRIKES_OF_A_TIMEOUT : 1;
    }
    const isOver = decision.kind === 'too large' || strikes >= poisonAttempts || evidence.failingMs >= outageMs;
    if (isOver && !keeps) {
      await batch.reject([{ delivery, reason: error.message }]);
      return 'settled';
    }
    if (mayLeave && strikes === 0 && attempt >= poisonAttempts) return 'left';
    const failed = { attempt, strikes, alone: others.length === 0, invocation: decision.invocation, error };
    await waitForNextAttempt(isolating, evidence, failed);
  }
}

/** Without other messages to try, what got through in this batch since the trouble began must do. */
async function handlerWorks<Value>(
  isolating: IsolateContext<Value>,
  evidence: Evidence,
  others: readonly ConsumeMessage[],
  attempt: number,
): Promise<boolean> {
  const { store, outageMs, signal } = isolating;
  evidence.suspect();
  if (others.length === 0) return evidence.saysWorks;
  const first = (attempt - 1) * WITNESSES;
  for (let index = 0; index < Math.min(WITNESSES, others.length); index++) {
    const witness = others[(first + index) % others.length] as ConsumeMessage;
    const decision = await decide(isolating, [witness]);
    store.rollback();
    if (gotThrough(decision) || decision.kind === 'too large') {
      evidence.works();
      return true;
    }
    if (signal.aborted || evidence.failingMs >= outageMs) break;
  }
  evidence.fails();
  return false;
}

function gotThrough<Value>(decision: Decision<Value>): decision is Extract<Decision<Value>, { kind: 'decided' }> {
  return decision.kind === 'decided' && decision.retry.length === 0;
}

function failureOf<Value>(decision: Decision<Value>): Error {
  return decision.kind === 'decided'
    ? new Error(decision.why ?? 'failed without a reason, every time')
    : decision.error;
}

interface FailedAttempt {
  readonly attempt: number;
  readonly strikes: number;
  /** Nothing else waits. */
  readonly alone: boolean;
  readonly invocation: InvocationNames;
  readonly error: Error;
}

async function waitForNextAttempt<Value>(
  { log, backoff, signal, poller, outageMs }: IsolateContext<Value>,
  evidence: Evidence,
  { attempt, strikes, alone, invocation, error }: FailedAttempt,
): Promise<void> {
  if (signal.aborted) throw error;
  if (strikes > 0) {
    log.error('the handler fails on one message and not on others; trying it again', {
      code: 'message-fails',
      attempt,
      ...invocation,
      error,
    });
    await pause(backoffDelay(strikes - 1, backoff), signal);
  } else {
    const failingMs = Math.round(evidence.failingMs);
    log.error('the handler fails on every message, as in an outage: all of them wait; trying again', {
      code: 'handler-fails',
      attempt,
      failingMs,
      outageMs,
      ...invocation,
      error,
    });
    const delayMs = backoffDelay(attempt - 1, backoff);
    // The next message that arrives can distinguish an outage from poison.
    if (alone) await poller.quiet(delayMs, signal);
    else await pause(delayMs, signal);
  }
  if (signal.aborted) throw error;
}
