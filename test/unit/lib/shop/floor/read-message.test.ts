import { describe, expect, it } from 'vitest';
import { readCustomerMessage, readDeadLetter } from '../../../../../lib/shop/floor/read-message.js';
import { RecentIds } from '../../../../../lib/shop/floor/recent-ids.js';
import { NOON, passing } from './messages.js';

const reading = { key: 'first', now: NOON };
const pickUp = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-05T11:00:00' };
const dead = (headers = {}, reason?: string) =>
  readDeadLetter(passing(pickUp, { headers }), reading, { id: 'f00', reason });

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

describe('a dead letter', () => {
  const REJECTED = { 'x-first-death-reason': 'rejected', 'x-first-death-queue': 'worker02_queue' };

  it('says why as its worker did, and which queue it died in', () => {
    expect(dead(REJECTED, 'unknown product')).toMatchObject({
      kind: 'dead letter',
      id: 'f00',
      reason: 'unknown product',
      queue: 'worker02_queue',
      event: { product: 'AX-123' },
    });
  });

  it('says so where its worker wrote nothing down', () => {
    expect(dead(REJECTED)).toMatchObject({ reason: 'rejected, and the log does not say why' });
  });

  it.each([
    ['failed too often', { 'x-first-death-reason': 'delivery_limit' }],
    ['failed too often', { 'x-death': [{ reason: 'delivery_limit', queue: 'worker01_queue' }] }],
    ['put here by hand', {}],
  ])('says what the broker says where the broker gave it up: %s', (reason, headers) => {
    expect(dead(headers, 'what an earlier death was for')).toMatchObject({ reason });
  });

  it('is shown though it could not be decoded', () => {
    const event = readDeadLetter(passing('no JSON', { headers: REJECTED }), reading, {
      id: 'f00',
      reason: 'undecodable',
    });
    expect(event).toMatchObject({ kind: 'dead letter', reason: 'undecodable', at: NOON });
    expect(event).not.toHaveProperty('event');
  });
});

describe('the message itself', () => {
  it('is cut to what a person can read', () => {
    const { carrier } = readCustomerMessage(passing('x'.repeat(100_000)), reading);
    expect(carrier.bodyBytes).toBe(100_000);
    expect(carrier.body.length).toBeLessThan(2_100);
  });

  it('shows properties and headers as text, however deep a sender nests them', () => {
    let deep: unknown = 'end';
    for (let depth = 0; depth < 10_000; depth++) deep = { deep };
    const headers = { traceparent: '00-1', list: [1, 'two'], deep, 'x-stream-offset': 7, ['__proto__']: 'data' };
    const { carrier } = readCustomerMessage(passing(pickUp, { headers, messageId: 'id-1' }), reading);
    expect(carrier.properties).toContainEqual({ name: 'messageId', value: 'id-1' });
    expect(carrier.properties).toContainEqual({ name: 'header traceparent', value: '00-1' });
    expect(carrier.properties).toContainEqual({ name: 'header list', value: '1, two' });
    expect(carrier.properties.map(({ name }) => name)).not.toContain('header x-stream-offset');
  });
});

describe('recent identities', () => {
  it('tell a repeat; what has no identity is none', () => {
    const ids = new RecentIds();
    expect(['a', 'b', 'a', undefined, undefined].map((id) => ids.isNew(id))).toEqual([true, true, false, true, true]);
  });
});
