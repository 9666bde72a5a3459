import { connect } from 'amqplib';
import { FULL_QUEUE } from './baskets.js';
import { serveParent } from './parent.js';

/** A bare client that reads a changelog into a map, as fast as amqplib lets it and without a check. */

const { amqpUrl } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string };
const PREFETCH = 1000;

serveParent({ read });

async function read(changes: number): Promise<number> {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createChannel();
  await channel.prefetch(PREFETCH);
  const basket = new Map<string, string>();
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    let unacknowledged = 0;
    const options = { arguments: { 'x-stream-offset': 'first' } };
    void channel.consume(
      `${FULL_QUEUE}.changelog`,
      (message) => {
        if (message === null) throw new Error('the broker cancelled the reader');
        const record = JSON.parse(message.content.toString()) as { changes?: [string, string][] };
        for (const [key, value] of record.changes ?? []) basket.set(key, value);
        if (basket.size >= changes) resolve();
        unacknowledged++;
        if (unacknowledged < PREFETCH / 4) return;
        unacknowledged = 0;
        channel.ack(message, true);
      },
      options,
    );
  });
  const ms = performance.now() - startedAt;
  await model.close();
  return ms;
}
