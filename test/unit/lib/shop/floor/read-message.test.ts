import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../../../lib/dead-letters/log-entry.js';
import { previewOf } from '../../../../../lib/dead-letters/preview.js';
import { readCustomerMessage, readRefused } from '../../../../../lib/shop/floor/read-message.js';
import { RecentIds } from '../../../../../lib/shop/floor/recent-ids.js';
import { NOON, passing } from './messages.js';

const reading = { key: 'first', now: NOON };
const pickUp = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-05T11:00:00' };
const ENTRY: LogEntry = {
  kind: 'rejected',
  id: 'f00',
  at: '2026-01-05T11:30:00.123Z',
  queue: 'worker02_queue',
  reason: 'unknown product',
  message: previewOf(passing(pickUp)),
};
const refusedAs = (more: Partial<LogEntry> = {}) => readRefused({ ...ENTRY, ...more }, reading);

describe('a message to a customer', () => {
  it('is an alert, with the worker that sent it and the second it was sent in', () => {
    const event = readCustomerMessage(passing(pickUp, { timestamp: NOON / 1000 - 60 }), reading);
    expect(event).toMatchObject({
      kind: 'alert',
      customer: 'customer-1',
      worker: 'worker01',
      at: NOON - 60_000,
      event: { product: 'AX-123' },
    });
  });

  it('is unreadable where it is neither alert nor bill', () => {
    expect(readCustomerMessage(passing('hello'), reading)).toMatchObject({
      kind: 'unreadable',
      customer: 'customer-1',
    });
  });

  it('never comes from the future', () => {
    expect(readCustomerMessage(passing(pickUp, { timestamp: NOON }), reading).at).toBe(NOON);
    expect(readCustomerMessage(passing(pickUp, { timestamp: 1e12 }), reading).at).toBe(NOON);
  });
});

describe('an event that was refused', () => {
  it('says why as its worker did, when to the millisecond, and from which queue', () => {
    expect(refusedAs()).toMatchObject({
      kind: 'dead letter',
      id: 'f00',
      at: Date.UTC(2026, 0, 5, 11, 30, 0, 123),
      reason: 'unknown product',
      queue: 'worker02_queue',
      event: { product: 'AX-123' },
    });
  });

  it.each([
    ['no JSON', previewOf(passing('no JSON'))],
    ['an entry without the message', undefined],
  ])('is shown though it could not be decoded: %s', (_, message) => {
    const { message: __, ...entry } = ENTRY;
    const event = readRefused({ ...entry, ...(message && { message }) }, reading);
    expect(event).toMatchObject({ kind: 'dead letter', reason: 'unknown product' });
    expect(event).not.toHaveProperty('event');
  });

  it('never comes from the future, nor at no time', () => {
    expect(refusedAs({ at: '2999-01-01T00:00:00Z' }).at).toBe(NOON);
    expect(refusedAs({ at: 'soon' }).at).toBe(NOON);
  });
});

describe('recent identities', () => {
  it('tell a repeat; what has no identity is none', () => {
    const ids = new RecentIds();
    expect(['a', 'b', 'a', undefined, undefined].map((id) => ids.isNew(id))).toEqual([true, true, false, true, true]);
  });
});
