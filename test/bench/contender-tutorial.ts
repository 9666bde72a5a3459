import { connect } from 'amqplib';
import { discountedCost } from '../../lib/shop/domain/price.js';
import { BILLING_EVENTS, CUSTOMER_APP_EVENTS, WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { serveParent, usage } from './parent.js';
import { shopCatalog } from './work.js';

/** amqplib as tutorials write it: one message at a time, its outgoing confirmed, then acknowledged. */

const { amqpUrl } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string };
const { price, customerOf } = shopCatalog();

for (const queue of WORKER_QUEUES) await work(queue);

serveParent({ usage });

async function work(queue: string): Promise<void> {
  const connection = await connect(amqpUrl);
  const channel = await connection.createConfirmChannel();
  await channel.prefetch(1);
  const basket = new Map<string, string>();
  await channel.consume(queue, async (message) => {
    if (message === null) return;
    const event = JSON.parse(message.content.toString());
    const { event_type, product_number, timestamp } = event;
    const customer = customerOf(product_number) as string;
    const options = { persistent: true, messageId: message.properties.messageId };
    const send = (exchange: string, routingKey: string, type: string, body: unknown): void => {
      channel.publish(exchange, routingKey, Buffer.from(JSON.stringify(body)), { ...options, type });
    };
    send(CUSTOMER_APP_EVENTS, customer, 'shopping event', event);
    if (event_type === 'pick up') basket.set(product_number, timestamp);
    else {
      const bill = {
        customer_id: customer,
        product_number,
        pickup_time: basket.get(product_number),
        purchase_time: timestamp,
        shopping_cost: discountedCost(price),
      };
      basket.delete(product_number);
      send('', BILLING_EVENTS, 'bill', bill);
      send(CUSTOMER_APP_EVENTS, customer, 'bill', bill);
    }
    await channel.waitForConfirms();
    channel.ack(message);
  });
}
