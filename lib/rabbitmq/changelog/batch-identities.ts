import type { ConsumeMessage } from 'amqplib';
import type { HandledWindow } from './handled-window.js';
import { type Identity, identityOf } from './identity.js';
import type { SortedBatch } from './journal.js';

/** The identities of a batch's messages, worked out once. */
export class BatchIdentities {
  #identities = new Map<ConsumeMessage, Identity>();

  /** Sorts a batch by what was handled before, and by what it contains twice. */
  sort(deliveries: readonly ConsumeMessage[], handled: HandledWindow): SortedBatch {
    this.#identities = new Map();
    const firsts = new Map<string, ConsumeMessage>();
    const fresh: ConsumeMessage[] = [];
    const repeated: ConsumeMessage[] = [];
    const copies = new Map<ConsumeMessage, ConsumeMessage[]>();
    for (const delivery of deliveries) {
      const identity = identityOf(delivery);
      this.#identities.set(delivery, identity);
      const { key, comparable } = identity;
      const first = comparable ? firsts.get(key) : undefined;
      if (comparable && handled.has(key)) repeated.push(delivery);
      else if (first !== undefined) copies.set(first, [...(copies.get(first) ?? []), delivery]);
      else {
        firsts.set(key, delivery);
        fresh.push(delivery);
      }
    }
    return { fresh, repeated, copies };
  }

  keyOf(delivery: ConsumeMessage): string {
    return this.#identities.get(delivery)?.key ?? identityOf(delivery).key;
  }

  keysOf(deliveries: readonly ConsumeMessage[]): string[] {
    return deliveries.map((delivery) => this.keyOf(delivery));
  }
}
