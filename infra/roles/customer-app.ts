import { handler } from '../../handlers/customer-app.js';
import { type CustomerLists, foldCustomerLists } from '../../lib/shop/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../lib/shop/events.js';
import { customerApp, customerQueue } from '../../lib/shop/topology.js';
import { decodeCustomerMessage } from '../../lib/shop/wire.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { type Role, type RoleOptions, startRole } from './role.js';

export interface CustomerAppOptions extends RoleOptions {
  readonly customer: string;
  readonly onReceived?: (received: Received) => void;
}

export interface Received {
  readonly messageId: string | undefined;
  readonly message: ShoppingEvent | Bill;
}

export interface CustomerApp extends Role {
  lists(): CustomerLists;
}

/** Runs the app of one customer, and declares its queue. */
export function startCustomerApp({ customer, amqpUrl, log, signal, onReceived }: CustomerAppOptions): CustomerApp {
  const store = new StagedStore<ShoppingEvent | Bill>();
  const queue = customerQueue(customer);
  const role = startRole<ShoppingEvent | Bill>(
    {
      amqpUrl,
      queue,
      connectionName: queue,
      functionName: 'customer-app',
      handler,
      store,
      // As in the exercise: the lists are what this app has seen. Bills of record are in billing_events.
      changelog: 'none',
      topology: customerApp(customer),
      log,
      signal,
    },
    ({ delivery, verdict }) => {
      const decoded = decodeCustomerMessage(delivery.content);
      if (verdict === 'accepted' && decoded.ok) {
        onReceived?.({ messageId: delivery.properties.messageId, message: decoded.value });
      }
    },
  );
  return { ...role, lists: () => foldCustomerLists(messagesIn(store)) };
}

function* messagesIn(store: StagedStore<ShoppingEvent | Bill>): Generator<ShoppingEvent | Bill> {
  for (const [, message] of store.entries()) yield message;
}
