import { onOwnChannel, replyCode } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import type { QueueDepth } from '../../../lib/shop/floor/shop-status.js';
import { pause } from '../../../lib/waiting/backoff.js';

const LOOK_EVERY_MS = 2_000;

/** A queue to watch. */
export type Looked = Pick<QueueDepth, 'name' | 'role'>;

export interface DepthsWatch {
  /** The queues at this moment. */
  readonly queues: () => readonly Looked[];
  readonly somebodyLooks: () => Promise<void>;
  readonly signal: AbortSignal;
  readonly onDepths: (depths: readonly QueueDepth[]) => void;
}

/** Polls the depths while someone is watching, with passive declarations that touch no message. Ends with the signal. */
export async function watchQueueDepths(
  connection: Connection,
  { queues, somebodyLooks, signal, onDepths }: DepthsWatch,
): Promise<void> {
  for (;;) {
    await somebodyLooks();
    if (signal.aborted) return;
    const depths: QueueDepth[] = [];
    for (const queue of queues()) depths.push({ ...queue, ...(await depthOf(connection, queue.name)) });
    onDepths(depths);
    await pause(LOOK_EVERY_MS, signal);
  }
}

async function depthOf(connection: Connection, name: string): Promise<Omit<QueueDepth, keyof Looked>> {
  try {
    const { messageCount, consumerCount } = await onOwnChannel(connection, (channel) => channel.checkQueue(name), 0);
    return { present: true, waiting: messageCount, consumers: consumerCount };
  } catch (error) {
    // If the queue is missing, exclusive to another connection, or forbidden, the broker's refusal closes this channel and
    // nothing else.
    if (replyCode(error) === undefined) throw error;
    return { present: false, waiting: 0, consumers: 0 };
  }
}
