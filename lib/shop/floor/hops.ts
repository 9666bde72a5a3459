import type { InvocationPassed, PassedEvent, RefusedEvent } from './floor-event.js';
import type { Cause } from './letters.js';

/** A part of the path from the sensor to the customer's app, and how long it took. */
export interface Hop {
  readonly what: string;
  readonly where: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/**
 * The path of a shopping event to the alert, bill or dead letter that it led to, as far as the programs along it have reported:
 * its sender in a header, worker and customer's app in reports of their invocations. Empty if nothing is known.
 * @param earlier its earlier refusals, in order, each of which was redriven
 */
export function hopsOf(
  event: PassedEvent,
  invocations: readonly InvocationPassed[],
  earlier: readonly RefusedEvent[] = [],
): readonly Hop[] {
  const hops: Hop[] = [];
  let sentBackAt: number | undefined;
  for (const refusal of earlier) {
    const { at, removed } = refusal;
    const until = removed?.at ?? at;
    const where = removed?.by === undefined ? 'until it was sent back' : `sent back by ${removed.by}`;
    hops.push(...hopsOfOne(refusal, invocations, sentBackAt));
    hops.push({ what: 'waited as a dead letter', where, from: at, to: until });
    sentBackAt = until;
  }
  return [...hops, ...hopsOfOne(event, invocations, sentBackAt)];
}

/** What an event of the floor follows from; undefined if no worker has reported it. */
export function causeOf({ messageId }: PassedEvent, invocations: readonly InvocationPassed[]): Cause | undefined {
  if (messageId === undefined) return undefined;
  for (const { items, startedAt } of invocations) {
    const cause = items.find(({ sent }) => sent.includes(messageId));
    if (cause?.messageId !== undefined) return { messageId: cause.messageId, at: startedAt };
  }
  return undefined;
}

/** @param sentBackAt when it was sent again, other than by its sender */
function hopsOfOne(
  event: PassedEvent,
  invocations: readonly InvocationPassed[],
  sentBackAt: number | undefined,
): readonly Hop[] {
  const { messageId } = event;
  if (messageId === undefined) return [];
  const isRejected = event.kind === 'dead letter';
  // The same message may be rejected more than once.
  const byTime = isRejected
    ? invocations.toSorted((one, other) => apart(one, event) - apart(other, event))
    : invocations;
  const handled = find(byTime, (item) =>
    isRejected ? item.messageId === messageId && item.rejected !== undefined : item.sent.includes(messageId),
  );
  const received = isRejected ? undefined : find(invocations, (item) => item.messageId === messageId);
  // A poller sends as soon as its function has decided.
  const sentAt = handled && handled.invoked.startedAt + handled.invoked.handlerMs;
  return [
    ...(handled === undefined
      ? []
      : workersHops({ ...handled, ...(sentBackAt !== undefined && { sentAt: sentBackAt }) }, isRejected)),
    ...(received === undefined ? [] : customersHops({ sentAt, ...received })),
  ];
}

function apart({ startedAt }: InvocationPassed, { at }: PassedEvent): number {
  return Math.abs(startedAt - at);
}

interface Found {
  readonly invoked: InvocationPassed;
  /** Missing if no one has reported it. */
  readonly sentAt?: number | undefined;
}

function find(
  invocations: readonly InvocationPassed[],
  matches: (item: InvocationPassed['items'][number]) => boolean,
): Found | undefined {
  for (const invoked of invocations) {
    const item = invoked.items.find(matches);
    if (item !== undefined) return { invoked, ...(item.sentAt !== undefined && { sentAt: item.sentAt }) };
  }
  return undefined;
}

function workersHops({ invoked, sentAt }: Found, isRejected: boolean): readonly Hop[] {
  const { startedAt, handlerMs, confirmedMs = handlerMs, settledMs = confirmedMs, queue, name } = invoked;
  return [
    ...waited(sentAt, startedAt, queue),
    { what: 'decided', where: `${name}${others(invoked)}`, from: startedAt, to: startedAt + handlerMs },
    ...(isRejected
      ? []
      : [{ what: 'sent and confirmed', where: name, from: startedAt + handlerMs, to: startedAt + confirmedMs }]),
    {
      what: isRejected ? 'refused' : 'acknowledged',
      where: queue,
      from: startedAt + (isRejected ? handlerMs : confirmedMs),
      to: startedAt + settledMs,
    },
  ];
}

function customersHops({ invoked, sentAt }: Found): readonly Hop[] {
  const { startedAt, handlerMs, settledMs = handlerMs, queue } = invoked;
  return [
    ...waited(sentAt, startedAt, queue),
    {
      what: "in the customer's lists",
      where: `customer's app${others(invoked)}`,
      from: startedAt,
      to: startedAt + settledMs,
    },
  ];
}

/** Two programs' clocks may disagree; nothing arrives before it was sent. */
function waited(sentAt: number | undefined, startedAt: number, queue: string): readonly Hop[] {
  if (sentAt === undefined) return [];
  return [{ what: 'on its way', where: queue, from: Math.min(sentAt, startedAt), to: startedAt }];
}

function others({ messages }: InvocationPassed): string {
  return messages > 1 ? `, in a batch of ${messages}` : '';
}
