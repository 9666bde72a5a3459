import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { Scene } from './broker.js';

const MARK = 'mark of a test';

/** All entries of the changelog of a scene's queue so far, as they are: those before a mark that this leaves in it. */
export async function changelogEntries(scene: Scene): Promise<ConsumeMessage[]> {
  const stream = `${scene.queue}.changelog`;
  const mark = randomUUID();
  // A separate connection: if the broker ends it, the error says why.
  const channel = await scene.newChannel();
  channel.sendToQueue(stream, Buffer.from(MARK), { persistent: true, type: MARK, messageId: mark });
  await channel.prefetch(1_000);
  const found: ConsumeMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    channel.on('error', reject);
    const read = (entry: ConsumeMessage | null): void => {
      if (entry === null) return;
      channel.ack(entry);
      if (entry.properties.messageId === mark) resolve();
      else if (entry.properties.type !== MARK) found.push(entry);
    };
    channel.consume(stream, read, { arguments: { 'x-stream-offset': 'first' } }).catch(reject);
  });
  await channel.close();
  return found;
}
