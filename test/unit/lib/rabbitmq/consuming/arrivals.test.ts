import type { ConsumeMessage } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { Arrivals } from '../../../../../lib/rabbitmq/consuming/arrivals.js';

const LIMITS = { maxMessages: 3, maxBytes: 100 };
/** Longer than any test: a wait that something must end. */
const LONG_MS = 100_000;
const GONE = new Error('gone');

const message = (text: string) => ({ content: Buffer.from(text) }) as ConsumeMessage;
const texts = (messages: readonly ConsumeMessage[]) => messages.map(({ content }) => content.toString());

function arrivalsOf(...bodies: string[]): Arrivals {
  const arrivals = new Arrivals(10);
  for (const body of bodies) arrivals.add(message(body));
  return arrivals;
}

describe('what is taken', () => {
  const never = new AbortController().signal;

  it('is all that is there, in order, within the limits; the rest waits', async () => {
    const arrivals = arrivalsOf('a', 'b', 'c', 'd');
    expect(texts(await arrivals.take(LIMITS, never))).toEqual(['a', 'b', 'c']);
    expect(texts(arrivals.waiting)).toEqual(['d']);
  });

  it('is the first message that comes, where nothing is there', async () => {
    const arrivals = arrivalsOf();
    const taken = arrivals.take(LIMITS, never);
    arrivals.add(message('a'));
    expect(texts(await taken)).toEqual(['a']);
  });

  it('is a full batch before its window is over', async () => {
    const arrivals = arrivalsOf('a');
    const taken = arrivals.take({ ...LIMITS, windowMs: LONG_MS }, never);
    arrivals.add(message('b'));
    arrivals.add(message('c'));
    expect(texts(await taken)).toEqual(['a', 'b', 'c']);
  });

  it('is full with as many as can be there at once, or with as many bytes', async () => {
    const few = new Arrivals(2);
    for (const body of ['a', 'b']) few.add(message(body));
    expect(texts(await few.take({ ...LIMITS, windowMs: LONG_MS }, never))).toEqual(['a', 'b']);
    const large = arrivalsOf('a'.repeat(60), 'b'.repeat(60));
    expect(await large.take({ ...LIMITS, windowMs: LONG_MS }, never)).toHaveLength(1);
  });

  it('is what is there once the window is over', async () => {
    expect(texts(await arrivalsOf('a').take({ ...LIMITS, windowMs: 1 }, never))).toEqual(['a']);
  });
});

describe.each([undefined, LONG_MS])('a wait with a window of %s', (windowMs) => {
  const bodies = windowMs === undefined ? [] : ['a'];

  it('gives nothing once its signal has aborted', async () => {
    const stop = new AbortController();
    const taken = arrivalsOf(...bodies).take({ ...LIMITS, ...(windowMs && { windowMs }) }, stop.signal);
    stop.abort();
    expect(await taken).toEqual([]);
  });

  it('fails with what has ended it, the first of all', async () => {
    const arrivals = arrivalsOf(...bodies);
    const taken = arrivals.take({ ...LIMITS, ...(windowMs && { windowMs }) }, new AbortController().signal);
    arrivals.end(GONE);
    arrivals.end(new Error('gone again'));
    await expect(taken).rejects.toBe(GONE);
    expect(arrivals.ended).toBe(GONE);
  });
});

describe('quiet', () => {
  const never = new AbortController().signal;

  it('is a wait in which nothing came', async () => {
    expect(await arrivalsOf().quiet(1, never)).toBe(true);
  });

  it('is not what a message, an end or an abort cuts short', async () => {
    expect(await arrivalsOf('a').quiet(LONG_MS, never)).toBe(false);
    const arrivals = arrivalsOf();
    const quiet = arrivals.quiet(LONG_MS, never);
    arrivals.add(message('a'));
    expect(await quiet).toBe(false);
    const ending = arrivalsOf();
    const untilEnd = ending.quiet(LONG_MS, never);
    ending.end(GONE);
    expect(await untilEnd).toBe(false);
    const stop = new AbortController();
    const untilAbort = arrivalsOf().quiet(LONG_MS, stop.signal);
    stop.abort();
    expect(await untilAbort).toBe(false);
  });
});
