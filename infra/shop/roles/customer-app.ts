import { handler } from '../../../handlers/customer-app.js';
import { newFunctionIdentity } from '../../../lib/lambda/runtime/function-identity.js';
import { type CustomerLists, foldCustomerLists } from '../../../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../../lib/shop/domain/events.js';
import { customerApp, customerQueue, WORKER_STATUS } from '../../../lib/shop/domain/topology.js';
import { decodeCustomerMessage } from '../../../lib/shop/domain/wire.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { DECLARED_BY } from '../topology/declared-by.js';
import { type Role, type RoleOptions, startRole } from './role.js';

export interface CustomerAppOptions extends RoleOptions {
  readonly customer: string;
  /** How often it checks that it is still bound, in milliseconds. Default 5,000. */
  readonly topologyCheckMs?: number;
  /** Called for each message once, when it is added to the lists. */
  readonly onReceived?: (received: CustomerMessage) => void;
}

export interface CustomerMessage {
  readonly messageId: string | undefined;
  readonly message: ShoppingEvent | Bill;
}

export interface CustomerApp extends Role {
  lists(): CustomerLists;
}

/** Runs the app of one customer, and declares its queue. */
export function startCustomerApp(options: CustomerAppOptions): CustomerApp {
  const { customer, topologyCheckMs, amqpUrl, log, signal, onReceived } = options;
  const store = new StagedStore<ShoppingEvent | Bill>();
  const shown = new WeakSet<ShoppingEvent | Bill>();
  const queue = customerQueue(customer);
  const role = startRole<ShoppingEvent | Bill>(
    {
      amqpUrl,
      queue,
      connectionName: queue,
      identity: newFunctionIdentity({ functionName: 'customer-app' }),
      handler,
      store,
      // As in the exercise: the lists are what this app has seen. billing_events holds the bills of record.
      changelog: 'none',
      // An unreadable message is no loss, because it could not be shown to anyone.
      mayDiscard: true,
      topology: { ...customerApp(customer), declaredBy: DECLARED_BY },
      statusExchange: WORKER_STATUS,
      ...(topologyCheckMs !== undefined && { topologyCheckMs }),
      log,
      signal,
    },
    ({ delivery, verdict }) => {
      if (verdict !== 'accepted') return;
      const messageId: string | undefined = delivery.properties.messageId || undefined;
      const message = messageId === undefined ? decoded(delivery.content) : store.get(messageId);
      if (message === undefined || shown.has(message)) return;
      shown.add(message);
      onReceived?.({ messageId, message });
    },
  );
  return { ...role, lists: () => foldCustomerLists(messagesIn(store)) };
}

function decoded(content: Buffer): ShoppingEvent | Bill | undefined {
  const message = decodeCustomerMessage(content);
  return message.ok ? message.value : undefined;
}

function* messagesIn(store: StagedStore<ShoppingEvent | Bill>): Generator<ShoppingEvent | Bill> {
  for (const [, message] of store.entries()) yield message;
}
