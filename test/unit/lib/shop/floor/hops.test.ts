import { describe, expect, it } from 'vitest';
import type { InvocationReport } from '../../../../../lib/runner-status/read-invocation-report.js';
import { encodeBill } from '../../../../../lib/shop/domain/wire.js';
import type {
  FloorEvent,
  InvocationPassed,
  PassedEvent,
  RefusedEvent,
} from '../../../../../lib/shop/floor/floor-event.js';
import { causeOf, hopsOf } from '../../../../../lib/shop/floor/hops.js';
import { readCustomerMessage } from '../../../../../lib/shop/floor/read-message.js';
import { advance, EMPTY_FLOOR } from '../../../../../lib/shop/floor/shop-floor.js';
import { invocationOf } from '../../runner-status/statuses.js';
import { NOON, nextReading, passing, refused } from './messages.js';

const BILL = {
  customer: 'customer-1',
  product: 'AX-123',
  pickedUpAt: '2026-01-05T11:58:00Z',
  purchasedAt: '2026-01-05T11:59:00Z',
  cost: 5,
};

function invoked(name: string, more: Partial<InvocationReport>): InvocationPassed {
  const report = invocationOf(name, more);
  return { ...report, kind: 'invocation', key: report.requestId, at: report.startedAt };
}

const bill = (messageId?: string) =>
  readCustomerMessage(passing(encodeBill(BILL), messageId === undefined ? {} : { messageId }), nextReading());

const worker = invoked('worker01', {
  startedAt: NOON + 10,
  handlerMs: 1,
  confirmedMs: 5,
  settledMs: 6,
  messages: 2,
  items: [
    { messageId: 'other', sent: ['other bill'] },
    { messageId: 'purchase', sentAt: NOON, sent: ['alert', 'till', 'bill'] },
  ],
});
const app = invoked('customer_app.customer-1', {
  queue: 'customer_app.customer-1',
  startedAt: NOON + 20,
  settledMs: 2,
  items: [{ messageId: 'bill', sent: [] }],
});

const told = (event: PassedEvent, invocations: readonly InvocationPassed[]) =>
  hopsOf(event, invocations).map(({ what, where, from, to }) => [what, where, from - NOON, to - NOON]);

describe('the hops of an event', () => {
  it('lead from its sender over the worker to the app of the customer', () => {
    expect(told(bill('bill'), [app, worker])).toEqual([
      ['on its way', 'worker01_queue', 0, 10],
      ['decided', 'worker01, in a batch of 2', 10, 11],
      ['sent and confirmed', 'worker01', 11, 15],
      ['acknowledged', 'worker01_queue', 15, 16],
      ['on its way', 'customer_app.customer-1', 11, 20],
      ["in the customer's lists", "customer's app", 20, 22],
    ]);
  });

  it('are those that somebody has told of', () => {
    expect(told(bill('bill'), [])).toEqual([]);
    expect(told(bill(), [app, worker])).toEqual([]);
    expect(told(bill('bill'), [app]).map(([what]) => what)).toEqual(["in the customer's lists"]);
    const unsigned = { ...worker, items: [{ sent: ['bill'] }] };
    expect(told(bill('bill'), [unsigned]).map(([what]) => what)).toEqual([
      'decided',
      'sent and confirmed',
      'acknowledged',
    ]);
  });

  it('of a dead letter end where it was rejected', () => {
    const letter = refused('ZZ', 'd', { messageId: 'event' });
    const items = [{ messageId: 'event', sentAt: NOON, sent: [], rejected: 'unknown product' }];
    const failed = invoked('worker01', { error: 'no database', items: [{ messageId: 'event', sent: [] }] });
    const rejecting = invoked('worker01', { startedAt: NOON + 3, handlerMs: 1, confirmedMs: 2, settledMs: 4, items });
    expect(told(letter, [failed, rejecting])).toEqual([
      ['on its way', 'worker01_queue', 0, 3],
      ['decided', 'worker01', 3, 4],
      ['refused', 'worker01_queue', 4, 7],
    ]);
  });

  it('of one that was refused and sent back keep the whole way, and who sent it back', () => {
    const items = (sent: string[], rejected?: string) => [
      { messageId: 'event', sentAt: NOON, sent, ...(rejected !== undefined && { rejected }) },
    ];
    const refusing = (at: number) =>
      invoked('worker01', { startedAt: NOON + at, handlerMs: 1, settledMs: 2, items: items([], 'unknown product') });
    const at = (ms: number) => new Date(NOON + ms).toISOString();
    const [first, second] = [10, 110].map((ms, index) =>
      refused('ZZ', `d${index}`, { messageId: 'event', at: at(ms) }),
    ) as [RefusedEvent, RefusedEvent];
    const earlier = [
      { ...first, at: NOON + 10, removed: { at: NOON + 100, fate: 'redriven' as const, by: 'ada' } },
      { ...second, at: NOON + 110, removed: { at: NOON + 200, fate: 'redriven' as const } },
    ];
    const bills = invoked('worker01', { startedAt: NOON + 205, handlerMs: 1, settledMs: 3, items: items(['bill']) });
    const all = [bills, refusing(108), refusing(8)];
    expect(
      hopsOf(bill('bill'), all, earlier).map(({ what, where, from, to }) => [what, where, from - NOON, to - NOON]),
    ).toEqual([
      ['on its way', 'worker01_queue', 0, 8],
      ['decided', 'worker01', 8, 9],
      ['refused', 'worker01_queue', 9, 10],
      ['waited as a dead letter', 'sent back by ada', 10, 100],
      ['on its way', 'worker01_queue', 100, 108],
      ['decided', 'worker01', 108, 109],
      ['refused', 'worker01_queue', 109, 110],
      ['waited as a dead letter', 'until it was sent back', 110, 200],
      ['on its way', 'worker01_queue', 200, 205],
      ['decided', 'worker01', 205, 206],
      ['sent and confirmed', 'worker01', 206, 207],
      ['acknowledged', 'worker01_queue', 207, 208],
    ]);
    expect(causeOf(bill('bill'), all)).toEqual({ messageId: 'event', at: NOON + 205 });
    for (const event of [bill('unknown'), bill(), second]) expect(causeOf(event, all)).toBeUndefined();
  });

  it('never go back in time, however wrong a clock', () => {
    const early = { ...worker, startedAt: NOON - 50 };
    for (const { from, to } of hopsOf(bill('bill'), [early])) expect(to).toBeGreaterThanOrEqual(from);
  });
});

it('the floor keeps the newest hundred invocations', () => {
  const many: FloorEvent[] = Array.from({ length: 150 }, (_, n) => ({ ...worker, requestId: `${n}`, key: `${n}` }));
  const { invocations, feed } = advance(advance(EMPTY_FLOOR, many), [app]);
  expect(invocations).toHaveLength(100);
  expect(invocations.slice(0, 2).map(({ key }) => key)).toEqual([app.key, '149']);
  expect(feed).toEqual([]);
});
