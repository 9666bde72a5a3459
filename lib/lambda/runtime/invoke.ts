import { randomUUID } from 'node:crypto';
import { LeasedStore } from '../../state/leased-store.js';
import type { Store } from '../../state/store.js';
import { within } from '../../waiting/deadline.js';
import type { RmqEvent } from '../event/rmq-event.js';
import { type AnyHandler, type CallContext, callHandler } from './call-handler.js';
import type { FunctionIdentity } from './function-identity.js';

/** A function as its execution environment holds it: the same for every invocation. */
export interface InvokedFunction<Value> {
  readonly handler: AnyHandler;
  readonly identity: FunctionIdentity;
  /** Its memory, `context.store`. The caller of `invoke` keeps or discards what the function changes there. */
  readonly store: Store<Value>;
  /** The time limit of one invocation, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether an invocation that begins now has no time limit, as under a debugger. */
  readonly untimed: () => boolean;
}

/**
 * Invokes a function with one event, and resolves with its answer.
 * @throws Error whatever the handler throws; DeadlineError if it takes too long: it then continues, but without its store
 */
export async function invoke<Value>(
  { handler, identity, store, timeoutMs, untimed }: InvokedFunction<Value>,
  event: RmqEvent,
  awsRequestId: string = randomUUID(),
): Promise<unknown> {
  const lease = new LeasedStore(store);
  const endsAt = performance.now() + timeoutMs;
  // Spreads come last: V8 creates a new hidden class, in its old space, for each object that grows after a spread.
  const context: CallContext & { readonly store: Store<Value> } = {
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(endsAt - performance.now())),
    callbackWaitsForEmptyEventLoop: true,
    store: lease,
    ...identity,
  };
  try {
    const answer = callHandler(handler, event, context);
    return await (untimed() ? answer : within(timeoutMs, answer));
  } finally {
    lease.end();
  }
}
