import type { ConsumeMessage } from 'amqplib';
import type { HandledWindow } from './handled-window.js';
import { type Identity, identityOf } from './identity.js';
import type { SortedBatch } from './journal.js';

/** Sorts a batch by what was handled before, and by what it contains twice. */
export function sortDeliveries(
  deliveries: readonly ConsumeMessage[],
  handled: HandledWindow,
): { readonly sorted: SortedBatch; readonly identities: ReadonlyMap<ConsumeMessage, Identity> } {
  const identities = new Map<ConsumeMessage, Identity>();
  const firsts = new Map<string, ConsumeMessage>();
  const fresh: ConsumeMessage[] = [];
  const repeated: ConsumeMessage[] = [];
  const copies = new Map<ConsumeMessage, ConsumeMessage[]>();
  for (const delivery of deliveries) {
    const identity = identityOf(delivery);
    identities.set(delivery, identity);
    const { key, comparable } = identity;
    const first = comparable ? firsts.get(key) : undefined;
    if (comparable && handled.has(key)) repeated.push(delivery);
    else if (first !== undefined) copies.set(first, [...(copies.get(first) ?? []), delivery]);
    else {
      firsts.set(key, delivery);
      fresh.push(delivery);
    }
  }
  return { sorted: { fresh, repeated, copies }, identities };
}
