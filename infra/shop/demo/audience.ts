import { type CustomerLists, foldCustomerLists } from '../../../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../../lib/shop/domain/events.js';
import type { CustomerMessage } from '../roles/customer-app.js';
import type { SeenEvent } from '../roles/worker.js';
import { linesOf, type Script } from './script.js';

/** Records what workers and customers receive of one script; earlier messages in the queues, and repeats, are ignored. */
export class Audience {
  readonly seen: SeenEvent[] = [];
  /** Resolves when everything that the script leads to has been received. */
  readonly satisfied: Promise<void>;
  readonly #awaited: Set<string>;
  readonly #received = new Map<string, (ShoppingEvent | Bill)[]>();
  #satisfy = (): void => undefined;

  constructor(script: Script) {
    this.satisfied = new Promise((resolve) => {
      this.#satisfy = resolve;
    });
    this.#awaited = new Set([
      ...linesOf(script).map(({ message }) => message.messageId),
      ...script.parts.flatMap(({ pickUp, purchase }) => [
        pickUp.consequences.alert,
        purchase.consequences.alert,
        purchase.consequences.customersBill,
      ]),
    ]);
  }

  /** For a worker. */
  readonly see = (event: SeenEvent): void => {
    if (this.#awaits(event.messageId)) this.seen.push(event);
  };

  /** For the app of a customer. */
  receive(customer: string, { messageId, message }: CustomerMessage): void {
    if (!this.#awaits(messageId)) return;
    this.#received.set(customer, [...(this.#received.get(customer) ?? []), message]);
  }

  listsOf(customer: string): CustomerLists {
    return foldCustomerLists(this.#received.get(customer) ?? []);
  }

  #awaits(messageId: string | undefined): boolean {
    const awaited = messageId !== undefined && this.#awaited.delete(messageId);
    if (this.#awaited.size === 0) this.#satisfy();
    return awaited;
  }
}
