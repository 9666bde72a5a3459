import { connect } from 'amqplib';
import { FULL_QUEUE } from './baskets.js';
import { serveParent } from './parent.js';

/** What the bare worker would need to start again: the baskets and the latest ids, read as fast as amqplib allows, unchecked. */

const { amqpUrl } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string };
const PREFETCH = 1000;
const HANDLED_WINDOW = 100_000;

serveParent({ read });

async function read(changes: number): Promise<number> {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createChannel();
  await channel.prefetch(PREFETCH);
  const basket = new Map<string, string>();
  let newest: string[] = [];
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    let unacknowledged = 0;
    const options = { arguments: { 'x-stream-offset': 'first' } };
    void channel.consume(
      `${FULL_QUEUE}.changelog`,
      (message) => {
        if (message === null) throw new Error('the broker cancelled the reader');
        const record = JSON.parse(message.content.toString()) as { handled?: string[]; changes?: [string, string][] };
        for (const [key, value] of record.changes ?? []) basket.set(key, value);
        for (const id of record.handled ?? []) newest.push(id);
        if (newest.length > 2 * HANDLED_WINDOW) newest = newest.slice(-HANDLED_WINDOW);
        if (basket.size >= changes) resolve();
        unacknowledged++;
        if (unacknowledged < PREFETCH / 4) return;
        unacknowledged = 0;
        channel.ack(message, true);
      },
      options,
    );
  });
  const handled = new Set(newest.slice(-HANDLED_WINDOW));
  const ms = performance.now() - startedAt;
  await model.close();
  if (handled.size !== HANDLED_WINDOW) throw new Error(`${handled.size} ids`);
  return ms;
}
