import { type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { gatherWrites, socketOf } from '../../lib/rabbitmq/connection/socket.js';
import { discountedCost } from '../../lib/shop/domain/price.js';
import { BILLING_EVENTS, CUSTOMER_APP_EVENTS, WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { serveParent, usage } from './parent.js';
import { shopCatalog } from './work.js';

/**
 * A bare amqplib worker as somebody would tune it by hand for this one job: batches of what has arrived, one confirm
 * wait and one acknowledgement per batch. With `record` it promises what ours promises: it remembers the newest ids it
 * handled, and writes one changelog record per batch ahead of the outgoing. It checks no more than it must and has
 * nothing for faults, not even for reading the changelog.
 */

interface BareOrders {
  readonly amqpUrl: string;
  readonly record: boolean;
  readonly batchSize: number;
  readonly prefetch: number;
  /** Whether what is written in one turn goes in one call, as ours does it. */
  readonly gathered: boolean;
}

type Outgoing = [exchange: string, routingKey: string, type: string, messageId: string, body: string];
type Change = [product: string, pickedUpAt?: string];

interface Worker {
  readonly channel: ConfirmChannel;
  readonly changelog: string;
  readonly basket: Map<string, string>;
  readonly handled: Set<string>;
  readonly oldest: string[];
}

const { amqpUrl, record, batchSize, prefetch, gathered } = JSON.parse(process.argv[2] ?? '') as BareOrders;
const HANDLED_WINDOW = 100_000;
const MiB = 1024 * 1024;
const STREAM = {
  durable: true,
  arguments: {
    'x-queue-type': 'stream',
    'x-max-length-bytes': 512 * MiB,
    'x-stream-max-segment-size-bytes': 32 * MiB,
  },
};

const { price, customerOf } = shopCatalog();
const cost = discountedCost(price);

for (const queue of WORKER_QUEUES) await work(queue);

serveParent({ usage });

async function work(queue: string): Promise<void> {
  const model = await connect(amqpUrl, { noDelay: true });
  if (gathered) gatherWrites(socketOf(model));
  const channel = await model.createConfirmChannel();
  const changelog = `${queue}.changelog`;
  if (record) await channel.assertQueue(changelog, STREAM);
  await channel.prefetch(prefetch);
  const worker: Worker = { channel, changelog, basket: new Map(), handled: new Set(), oldest: [] };
  const arrived: ConsumeMessage[] = [];
  let busy = false;

  async function settleAll(): Promise<void> {
    while (arrived.length > 0) await settle(worker, arrived.splice(0, batchSize));
    busy = false;
  }

  await channel.consume(queue, (message) => {
    arrived.push(message as ConsumeMessage);
    if (busy) return;
    busy = true;
    setImmediate(() => void settleAll());
  });
}

async function settle(worker: Worker, batch: readonly ConsumeMessage[]): Promise<void> {
  const { channel, basket, handled } = worker;
  const outgoing: Outgoing[] = [];
  const changes: Change[] = [];
  const ids: string[] = [];
  const rejected: ConsumeMessage[] = [];
  let last: ConsumeMessage | undefined;
  for (const message of batch) {
    const id: string = message.properties.messageId;
    if (!handled.has(id)) {
      if (!decide(message, id, basket, outgoing, changes)) {
        rejected.push(message);
        continue;
      }
      ids.push(id);
    }
    last = message;
  }
  await publishAll(worker, outgoing, ids, changes);
  if (record) for (const id of ids) remember(worker, id);
  for (const message of rejected) channel.nack(message, false, false);
  if (last !== undefined) channel.ack(last, true);
}

function decide(
  { content }: ConsumeMessage,
  id: string,
  basket: Map<string, string>,
  outgoing: Outgoing[],
  changes: Change[],
): boolean {
  const body = content.toString();
  const { event_type, product_number: product, timestamp } = JSON.parse(body);
  const customer = customerOf(product);
  if (customer === undefined || typeof timestamp !== 'string') return false;
  if (event_type === 'pick up') {
    basket.set(product, timestamp);
    changes.push([product, timestamp]);
    outgoing.push([CUSTOMER_APP_EVENTS, customer, 'shopping event', `${id}.alert`, body]);
    return true;
  }
  const pickup_time = basket.get(product);
  if (event_type !== 'purchase' || pickup_time === undefined) return false;
  basket.delete(product);
  changes.push([product]);
  const bill = JSON.stringify({
    customer_id: customer,
    product_number: product,
    pickup_time,
    purchase_time: timestamp,
    shopping_cost: cost,
  });
  outgoing.push([CUSTOMER_APP_EVENTS, customer, 'shopping event', `${id}.alert`, body]);
  outgoing.push(['', BILLING_EVENTS, 'bill', `${id}.bill`, bill]);
  outgoing.push([CUSTOMER_APP_EVENTS, customer, 'bill', `${id}.customers-bill`, bill]);
  return true;
}

function publishAll(
  { channel, changelog }: Worker,
  outgoing: readonly Outgoing[],
  handled: readonly string[],
  changes: readonly Change[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    let open = outgoing.length + (record ? 1 : 0);
    if (open === 0) resolve();
    const confirmed = (error: unknown): void => {
      if (error !== null) reject(error);
      open--;
      if (open === 0) resolve();
    };
    if (record) {
      const content = Buffer.from(JSON.stringify({ handled, changes, outgoing }));
      channel.publish('', changelog, content, { persistent: true, mandatory: true }, confirmed);
    }
    for (const [exchange, routingKey, type, messageId, body] of outgoing) {
      const options = {
        messageId,
        type,
        persistent: true,
        mandatory: exchange === '',
        contentType: 'application/json',
      };
      channel.publish(exchange, routingKey, Buffer.from(body), options, confirmed);
    }
  });
}

function remember({ handled, oldest }: Worker, id: string): void {
  handled.add(id);
  oldest.push(id);
  if (oldest.length > 2 * HANDLED_WINDOW) for (const old of oldest.splice(0, HANDLED_WINDOW)) handled.delete(old);
}
