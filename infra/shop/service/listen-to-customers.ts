import { openChannel } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { type CustomerLists, foldCustomerLists } from '../../../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../../lib/shop/domain/events.js';
import { CUSTOMER_APP_EVENTS } from '../../../lib/shop/domain/topology.js';
import { decodeCustomerMessage } from '../../../lib/shop/domain/wire.js';

export interface CustomersHeard {
  /** The lists of each customer, restricted to these messages, once all of them have arrived or the signal has aborted. */
  listsOnceComplete(messageIds: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, CustomerLists>>;
}

interface Heard {
  readonly customer: string;
  readonly message: ShoppingEvent | Bill;
}

/**
 * Receives what all customers receive, from a queue of its own, so that their apps miss nothing. It ends with the connection.
 * `onMessage` is called for every message.
 */
export async function listenToCustomers(connection: Connection, onMessage: () => void): Promise<CustomersHeard> {
  const heard = new Map<string, Heard>();
  let onHeard = (): void => undefined;
  const { channel } = await openChannel(connection);
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, CUSTOMER_APP_EVENTS, '#');
  const receive = ({
    content,
    fields,
    properties,
  }: {
    content: Buffer;
    fields: { routingKey: string };
    properties: { messageId?: string };
  }): void => {
    const decoded = decodeCustomerMessage(content);
    if (decoded.ok) heard.set(properties.messageId ?? '', { customer: fields.routingKey, message: decoded.value });
    onMessage();
    onHeard();
  };
  await channel.consume(queue, (delivery) => delivery !== null && receive(delivery), { noAck: true });
  return {
    listsOnceComplete: async (messageIds, signal) => {
      await new Promise<void>((resolve) => {
        onHeard = () => {
          if (signal.aborted || messageIds.every((id) => heard.has(id))) resolve();
        };
        signal.addEventListener('abort', onHeard);
        onHeard();
      });
      return listsOf([...heard].flatMap(([id, one]) => (messageIds.includes(id) ? [one] : [])));
    },
  };
}

function listsOf(heard: readonly Heard[]): ReadonlyMap<string, CustomerLists> {
  const customers = [...new Set(heard.map(({ customer }) => customer))].sort();
  return new Map(
    customers.map((name) => [
      name,
      foldCustomerLists(heard.filter(({ customer }) => customer === name).map(({ message }) => message)),
    ]),
  );
}
