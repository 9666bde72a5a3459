import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import {
  type AnyHandler,
  type Callback,
  callHandler,
  IgnoredReturn,
} from '../../../../../lib/lambda/runtime/call-handler.js';

const EVENT = { an: 'event' };

const call = (handler: AnyHandler): Promise<unknown> =>
  callHandler(handler, EVENT, { awsRequestId: 'r' } as unknown as Context);

/** Resolves with the error of a call. */
const failure = (handler: AnyHandler): Promise<unknown> =>
  call(handler).then(
    () => 'no failure',
    (error) => error,
  );

describe('a handler', () => {
  it('that is async answers with what it returns', async () => {
    expect(await call(async (event, context) => [event, context.awsRequestId])).toEqual([EVENT, 'r']);
    expect(await call(() => ({ then: (resolve: (value: string) => void) => resolve('thenable') }))).toBe('thenable');
  });

  it('that declares a callback answers with what it calls back, now or later', async () => {
    expect(await call((_event, _context, callback) => callback(null, 'now'))).toBe('now');
    expect(await call((_event, _context, callback) => void setImmediate(callback, null, 'later'))).toBe('later');
    expect(await call((_event, _context, callback) => callback())).toBe(undefined);
    // A return value next to it has no effect.
    const both = (_event: unknown, _context: unknown, callback: Callback): number => {
      setImmediate(callback, null, 'called');
      return 7;
    };
    expect(await call(both)).toBe('called');
  });

  it("answers by its context's done, succeed and fail, too", async () => {
    expect(await call((_event, { succeed }) => succeed('succeeded'))).toBe('succeeded');
    expect(await call((_event, { done }) => done(undefined, 'done'))).toBe('done');
    expect(await failure((_event, { done }) => done(new Error('not done')))).toEqual(new Error('not done'));
    expect(await failure((_event, { fail }) => fail('reason'))).toMatchObject({ message: 'the handler threw reason' });
  });

  it('that gives no promise and declares no callback has answered nothing when it returns', async () => {
    expect(await call(() => undefined)).toBe(undefined);
    expect(await call(() => 7)).toEqual(new IgnoredReturn(7));
  });

  it.each<[thrown: unknown, message: string]>([
    [new TypeError('a real one'), 'a real one'],
    ['text', 'the handler threw text'],
    [undefined, 'the handler threw undefined'],
    [null, 'the handler threw null'],
    [{ code: 7 }, 'the handler threw {"code":7}'],
    [7n, 'the handler threw bigint'],
    [Symbol('s'), 'the handler threw Symbol(s)'],
  ])('may throw anything, at once, later or by calling back: %#', async (thrown, message) => {
    const ways: AnyHandler[] = [
      () => {
        throw thrown;
      },
      async () => {
        throw thrown;
      },
      async () => {
        await new Promise(setImmediate);
        throw thrown;
      },
    ];
    if (thrown !== undefined && thrown !== null) ways.push((_event, _context, callback) => callback(thrown));
    for (const way of ways) {
      const error = await failure(way);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({ message, ...(thrown instanceof Error ? {} : { cause: thrown }) });
    }
  });
});
