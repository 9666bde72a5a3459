import { randomUUID } from 'node:crypto';
import { LeasedStore } from '../../state/leased-store.js';
import type { Store } from '../../state/store.js';
import { within } from '../../waiting/deadline.js';
import type { RmqEvent } from '../event/rmq-event.js';
import { type AnyHandler, type CallContext, callHandler } from './call-handler.js';
import type { FunctionIdentity } from './function-identity.js';

/** A function as its execution environment holds it: the same from one invocation to the next. */
export interface InvokedFunction<Value> {
  readonly handler: AnyHandler;
  readonly identity: FunctionIdentity;
  /** Its memory, `context.store`. What it changes there is kept or thrown away by whoever invokes it. */
  readonly store: Store<Value>;
  /** Most milliseconds of one invocation. */
  readonly timeoutMs: number;
  /** Whether an invocation that begins now may take as long as it likes, as under a debugger. */
  readonly untimed: () => boolean;
}

/**
 * Invokes a function with one event, and resolves with whatever it answers.
 * @throws Error whatever the handler throws; DeadlineError when it takes too long: it goes on, but without its store.
 */
export async function invoke<Value>(
  { handler, identity, store, timeoutMs, untimed }: InvokedFunction<Value>,
  event: RmqEvent,
  awsRequestId: string = randomUUID(),
): Promise<unknown> {
  const lease = new LeasedStore(store);
  const endsAt = performance.now() + timeoutMs;
  // What is spread comes last: V8 makes a new hidden class, in its old space, of each object that grows after a spread.
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
