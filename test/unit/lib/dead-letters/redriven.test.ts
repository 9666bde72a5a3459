import { describe, expect, it } from 'vitest';
import { deathOf, secondsOf } from '../../../../lib/dead-letters/death.js';
import { redriven, redrivesOf } from '../../../../lib/dead-letters/redriven.js';

const DEATH = {
  count: 1,
  reason: 'rejected',
  queue: 'worker01_queue',
  time: { '!': 'timestamp', value: 1_700_000_000 },
  exchange: 'shopping_events_exchange',
  'routing-keys': ['AX-123', 'cc'],
};

describe('a death', () => {
  it('is the latest one that the broker wrote', () => {
    expect(deathOf({ 'x-death': [DEATH, { ...DEATH, queue: 'before' }] })).toEqual({
      reason: 'rejected',
      queue: 'worker01_queue',
      exchange: 'shopping_events_exchange',
      routingKey: 'AX-123',
      seconds: 1_700_000_000,
    });
  });

  it('is the first one where a stream has kept no more', () => {
    const headers = { 'x-first-death-reason': 'expired', 'x-first-death-queue': 'q', 'x-first-death-exchange': '' };
    expect(deathOf(headers)).toEqual({ reason: 'expired', queue: 'q', exchange: '' });
  });

  it.each([
    [undefined],
    [null],
    [{}],
    [{ 'x-death': 'text' }],
    [{ 'x-death': [] }],
    [{ 'x-death': [{ reason: 1, queue: null, 'routing-keys': 'k', time: 'now' }] }],
    [{ 'x-death': [{ 'routing-keys': [1] }] }],
    [Object.create({ 'x-death': [DEATH] })],
  ])('is not there in %j', (headers) => {
    expect(deathOf(headers)).toBeUndefined();
  });

  it('has a time in the form of amqplib, or as a number', () => {
    expect(secondsOf({ '!': 'timestamp', value: 5 })).toBe(5);
    expect(secondsOf(5)).toBe(5);
    expect(secondsOf({ '!': 'decimal', value: 5 })).toBeUndefined();
    expect(secondsOf({ '!': 'timestamp', value: 'x' })).toBeUndefined();
    expect(secondsOf('5')).toBeUndefined();
  });
});

describe('a message that is sent back', () => {
  it('goes where it came from, and counts', () => {
    const headers = { traceparent: 't', 'x-death': [DEATH] };
    const expected = { exchange: 'shopping_events_exchange', routingKey: 'AX-123' };
    expect(redriven(headers)).toEqual({ ...expected, redrives: 1 });
    expect(redriven({ ...headers, redrives: 4 })).toEqual({ ...expected, redrives: 5 });
  });

  it('goes nowhere when nothing says where it came from', () => {
    expect(redriven(undefined)).toBeUndefined();
    expect(redriven({ 'x-death': [{ ...DEATH, exchange: undefined }] })).toBeUndefined();
    expect(redriven({ 'x-death': [{ ...DEATH, 'routing-keys': [] }] })).toBeUndefined();
    expect(redriven({ 'x-death': [{ ...DEATH, exchange: '' }] })).toMatchObject({ exchange: '' });
  });

  it.each([
    [undefined, 0],
    [null, 0],
    [{ redrives: 3 }, 3],
    [{ redrives: -1 }, 0],
    [{ redrives: 1.5 }, 0],
    [{ redrives: '3' }, 0],
  ])('has been sent back before, says %j: %i times', (headers, count) => {
    expect(redrivesOf(headers)).toBe(count);
  });
});
