import type { ConsumeMessage } from 'amqplib';
import { beforeEach, expect, it } from 'vitest';
import { LatestInvocations } from '../../../../../lib/rabbitmq/observing/latest-invocations.js';
import { StagedStore } from '../../../../../lib/state/staged-store.js';

const ANSWER = { batchItemFailures: [], outgoing: [] };

let store: StagedStore<number>;
let latest: LatestInvocations;

beforeEach(() => {
  store = new StagedStore();
  latest = new LatestInvocations(() => store.committed());
  store.tellWrites((key, before) => latest.writes(key, before));
});

function deliveryOf(bytes = 1): ConsumeMessage {
  return { content: Buffer.alloc(bytes) } as ConsumeMessage;
}

/** One that sets entries, or deletes those that are undefined. */
function invocation(requestId: string, changes: Record<string, number | undefined>, bytes?: number): void {
  latest.begins(requestId, [deliveryOf(bytes)]);
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) store.delete(key);
    else store.set(key, value);
  }
  store.commit();
  latest.ends({ answer: ANSWER });
}

function told(requestId?: string) {
  const { ended, memory } = latest.read(requestId);
  return { ids: ended.map((one) => one.requestId), memory: Object.fromEntries(memory()) };
}

it('gives each invocation the memory that it began with', () => {
  store.set('kept', 1);
  store.commit();
  invocation('first', { a: 1 });
  invocation('second', { a: 2, b: 2 });
  invocation('third', { a: undefined, kept: 3 });
  expect(told('first')).toEqual({ ids: ['first'], memory: { kept: 1 } });
  expect(told('second')).toEqual({ ids: ['second'], memory: { kept: 1, a: 1 } });
  expect(told('third')).toEqual({ ids: ['third'], memory: { kept: 1, a: 2, b: 2 } });
  expect(told()).toEqual({ ids: ['first', 'second', 'third'], memory: { kept: 1 } });
  expect(told('another')).toEqual({ ids: [], memory: {} });
});

it('takes back what was written beside invocations, and not what one under way has staged', () => {
  invocation('first', { a: 1 });
  store.apply([{ key: 'handed over', value: 7 }]);
  invocation('second', { b: 1 });
  latest.begins('third', [deliveryOf()]);
  store.set('a', 9);
  expect(told('first').memory).toEqual({});
  expect(told('second')).toEqual({ ids: ['second'], memory: { a: 1, 'handed over': 7 } });
});

it('keeps one that failed, and goes through one whose end nobody heard', () => {
  latest.begins('failed', [deliveryOf()]);
  store.set('a', 1);
  store.rollback();
  latest.ends({ error: 'no database' });
  latest.begins('unheard', [deliveryOf()]);
  store.apply([{ key: 'a', value: 2 }]);
  invocation('last', { a: 3 });
  expect(latest.read().ended.map(({ outcome }) => outcome)).toEqual([{ error: 'no database' }, { answer: ANSWER }]);
  expect(told('failed').memory).toEqual({});
  expect(told('last').memory).toEqual({ a: 2 });
});

it('keeps what was answered, whatever becomes of the answer', () => {
  const answer = { batchItemFailures: [], outgoing: [{ body: { count: 1 } }] };
  latest.begins('first', [deliveryOf()]);
  latest.ends({ answer: answer as unknown as typeof ANSWER });
  (answer.outgoing[0] as { body: { count: number } }).body.count = 2;
  expect(latest.read().ended).toMatchObject([{ outcome: { answer: { outgoing: [{ body: { count: 1 } }] } } }]);
});

it('counts what was answered, once', () => {
  const answer = { batchItemFailures: [], outgoing: ['x'.repeat(1_500_000)] } as unknown as typeof ANSWER;
  for (let n = 0; n < 4; n++) {
    latest.begins(`${n}`, [deliveryOf()]);
    latest.ends({ error: 'no database' });
    latest.ends({ answer });
  }
  expect(told().ids).toEqual(['2', '3']);
});

it('forgets what is over where more was written since than it may keep', () => {
  invocation('first', { a: 1 });
  store.apply(Array.from({ length: 100_000 }, (_, index) => ({ key: `handed over ${index}`, value: index })));
  expect(told().ids).toEqual([]);
  invocation('second', { a: 2 });
  expect(told().ids).toEqual(['second']);
  expect(told().memory).toMatchObject({ a: 1, 'handed over 99999': 99_999 });
});

it('keeps a hundred, of four megabytes together', () => {
  for (let n = 0; n < 150; n++) invocation(`${n}`, { a: n });
  expect(told().ids).toHaveLength(100);
  expect(told()).toMatchObject({ ids: expect.arrayContaining(['50', '149']), memory: { a: 49 } });
  invocation('large', { a: 1 }, 3_000_000);
  invocation('large, too', { a: 2 }, 3_000_000);
  expect(told()).toEqual({ ids: ['large, too'], memory: { a: 1 } });
  invocation('too large', { a: 3 }, 5_000_000);
  expect(told().ids).toEqual([]);
});
