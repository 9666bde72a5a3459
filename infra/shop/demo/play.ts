import { setMaxListeners } from 'node:events';
import type { Replies } from 'amqplib';
import { createSender } from '../../../lib/lambda/function/publishing.js';
import type { KeySource } from '../../../lib/rabbitmq/changelog/keys.js';
import type { BrokerAddress } from '../../../lib/rabbitmq/connection/address.js';
import { onOwnChannel } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import { withoutRings } from '../../../lib/rabbitmq/rescale/without-rings.js';
import { declareTopology } from '../../../lib/rabbitmq/topology/topology.js';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import type { CustomerLists } from '../../../lib/shop/domain/customer-lists.js';
import type { Bill, ShoppingEvent } from '../../../lib/shop/domain/events.js';
import { BILLING_EVENTS, customerQueue, WORKER_QUEUES, workerOf } from '../../../lib/shop/domain/topology.js';
import { type Decoded, decodeBill, decodeShoppingEvent } from '../../../lib/shop/domain/wire.js';
import { type CustomerMessage, startCustomerApp } from '../roles/customer-app.js';
import { type SeenEvent, startWorker } from '../roles/worker.js';
import { shopTopology } from '../topology/shop-topology.js';
import { Audience } from './audience.js';
import { startPatience } from './patience.js';
import { linesOf, type Script } from './script.js';
import { takeOwn, takeOwnDeadLetters } from './take-own.js';

/** What everyone has received after a script was played. */
export interface Played {
  readonly seen: readonly SeenEvent[];
  readonly customers: ReadonlyMap<string, CustomerLists>;
  readonly bills: readonly Bill[];
  readonly deadLetters: readonly ShoppingEvent[];
}

export interface DemoOptions {
  readonly amqpUrl: BrokerAddress;
  readonly catalog: Catalog;
  /** The keys that sign the workers' changelogs. Default: none. */
  readonly keys?: KeySource | undefined;
  readonly log: Log;
  /** Ends the play early, with what has been received by then. */
  readonly signal: AbortSignal;
  /** Called with the reason if it takes longer. */
  readonly tell: (text: string) => void;
}

/**
 * Plays a script on a real broker: two workers and an app per customer, all in this process and stopped at the end. It removes
 * its own bills and its own dead letter from their queues, and no one else's.
 * @throws Error if another program consumes the shop's queues, because the messages would be split between them
 */
export async function play(script: Script, options: DemoOptions): Promise<Played> {
  const { amqpUrl, log } = options;
  return onConnection({ amqpUrl, connectionName: 'demo', log, signal: options.signal }, async (connection) => {
    const customers = script.parts.map(({ customer }) => customer);
    await declareTopology(connection, await withoutRings(connection, shopTopology(customers)), log);
    const counts = await mustBeFree(connection, [...WORKER_QUEUES, ...customers.map(customerQueue)]);
    for (const { queue, messageCount } of counts) {
      if (messageCount > LONG)
        options.tell(`${queue} holds ${messageCount.toLocaleString('en')} messages, which come first`);
    }
    return perform(script, options, connection);
  });
}

/** A queue that is long enough to be mentioned. */
const LONG = 1_000;

async function mustBeFree(connection: Connection, queues: readonly string[]): Promise<Replies.AssertQueue[]> {
  const counts = await onOwnChannel(connection, async (channel) =>
    Promise.all(queues.map((queue) => channel.checkQueue(queue))),
  );
  const busy = counts.filter(({ consumerCount }) => consumerCount > 0).map(({ queue }) => queue);
  const [first, ...others] = busy;
  if (first === undefined) return counts;
  const more = others.length === 0 ? '' : ` and ${others.length} more of the shop's queues`;
  throw new Error(`A program listens to ${first}${more}: stop it first, such as \`npm start\` or a worker.`);
}

async function perform(script: Script, options: DemoOptions, connection: Connection): Promise<Played> {
  const { amqpUrl, catalog, keys, log, tell } = options;
  const { signal, refresh } = startPatience(options.signal);
  const audience = new Audience(script);
  const curtain = new AbortController();
  // Every role listens to it, so the warning about a leak at ten listeners would be wrong.
  setMaxListeners(0, curtain.signal);
  const role = { amqpUrl, log, signal: curtain.signal };
  const see = (event: SeenEvent): void => {
    refresh();
    audience.see(event);
  };
  const receive = (customer: string, received: CustomerMessage): void => {
    refresh();
    audience.receive(customer, received);
  };
  const roles = [
    ...WORKER_QUEUES.map((queue) =>
      startWorker({ ...role, id: workerOf(queue), queue, catalog: () => catalog, keys, onEvent: see }),
    ),
    ...script.parts.map(({ customer }) =>
      startCustomerApp({ ...role, customer, onReceived: (received) => receive(customer, received) }),
    ),
  ];
  const sender = createSender({ amqpUrl, name: 'demo', log });
  try {
    await Promise.race([Promise.all(roles.map(({ ready }) => ready)), aborted(signal)]);
    if (signal.aborted) throw new Error('The workers and apps did not become ready.');
    await sender.publish(linesOf(script).map(({ message }) => message));
    const billIds = script.parts.map(({ purchase }) => purchase.consequences.bill);
    const [bills, deadLetters] = await Promise.all([
      takeOwn(connection, { queue: BILLING_EVENTS, ids: new Set(billIds), signal, tell }),
      takeOwnDeadLetters(connection, { ids: new Set([script.stranger.message.messageId]), signal, tell }),
      Promise.race([audience.satisfied, aborted(signal)]),
    ]);
    return {
      seen: audience.seen,
      customers: new Map(script.parts.map(({ customer }) => [customer, audience.listsOf(customer)])),
      bills: bills.flatMap(({ content }) => decodedOf(decodeBill(content))),
      deadLetters: deadLetters.flatMap(({ content }) => decodedOf(decodeShoppingEvent(content))),
    };
  } finally {
    curtain.abort();
    await Promise.all([sender.close(), ...roles.map(({ ended }) => ended)]);
  }
}

function decodedOf<Value>(decoded: Decoded<Value>): Value[] {
  return decoded.ok ? [decoded.value] : [];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
