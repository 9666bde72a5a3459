import type { Context } from 'aws-lambda';

/** How a handler that is not an async function answers. */
export type Callback = (error?: unknown, result?: unknown) => void;

/** A handler of any kind that Lambda's Node.js runtime supports. */
export type AnyHandler = (event: unknown, context: Context, callback: Callback) => unknown;

/** The answer of a handler that returned a value but no promise, and called nothing back: Lambda ignores it. */
export class IgnoredReturn {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}

/** A handler with this many parameters declares event, context and callback. */
export const WITH_CALLBACK = 3;

/** The context without what only a call can provide. */
export type CallContext = Omit<Context, 'done' | 'fail' | 'succeed'>;

/**
 * Calls a handler as Lambda's Node.js runtime does, and resolves with its answer: the result of an async handler's promise, or
 * what the handler passes to `callback` or to the context's old `done`, `succeed` and `fail`. A handler that returns no promise
 * and declares no callback has answered when it returns.
 * @throws Error whatever the handler throws, rejects or calls back with, converted to an Error
 */
export async function callHandler(handler: AnyHandler, event: unknown, context: CallContext): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const callback: Callback = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(asError(error));
    };
    const whole = {
      done: callback,
      succeed: (result: unknown) => resolve(result),
      fail: (error: unknown) => callback(error ?? 'failed'),
      ...context,
    };
    try {
      const returned = handler(event, whole, callback);
      if (isPromise(returned)) returned.then(resolve, (error: unknown) => reject(asError(error)));
      else if (handler.length < WITH_CALLBACK)
        resolve(returned === undefined ? undefined : new IgnoredReturn(returned));
    } catch (error) {
      reject(asError(error));
    }
  });
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/** A handler may throw anything. */
function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(`the handler threw ${typeof thrown === 'string' ? thrown : describe(thrown)}`, { cause: thrown });
}

function describe(thrown: unknown): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return typeof thrown;
  }
}
