import type { ConsumeMessage } from 'amqplib';
import { onOwnChannel } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { Poller } from '../../../lib/rabbitmq/consuming/poller.js';
import { addressOfLog, deadLetterId } from '../../../lib/rabbitmq/dead-letters/dead-letter-log.js';
import { mark } from '../../../lib/rabbitmq/dead-letters/mark.js';
import { Exchanges } from '../../../lib/rabbitmq/publishing/exchanges.js';
import { Publisher } from '../../../lib/rabbitmq/publishing/publisher.js';
import { DEAD_LETTER_LOG, DEAD_LETTER_QUEUE } from '../../../lib/shop/domain/topology.js';

/**
 * Of one subscription. Messages of others that are held use it up: then another is opened. RabbitMQ's quorum queues take no
 * limit at all for 2,000 (3.10.8, tried), and would send nothing after the first 2,000 that are not ours.
 */
const PREFETCH = 1_000;
/** To take its own out of a queue, a demo holds all that stands before it. */
const HELD_AT_MOST = 100_000;
const CONFIRM_MS = 10_000;

export interface OwnMessages {
  readonly queue: string;
  readonly ids: ReadonlySet<string>;
  /** Gives what was found by then. */
  readonly signal: AbortSignal;
  /** Told once where the queue is long. */
  readonly tell: (text: string) => void;
  /** Done before they leave the queue. */
  readonly beforeLeaving?: (own: readonly ConsumeMessage[]) => Promise<void>;
}

/**
 * Takes messages with these ids out of a queue, in order of arrival, as soon as they are there; everybody else's go back to
 * their places at the end.
 * @throws Error where the queue holds too much to be held up; ChannelGoneError
 */
export async function takeOwn(
  connection: Connection,
  { queue, ids, signal, tell, beforeLeaving }: OwnMessages,
): Promise<ConsumeMessage[]> {
  const { messageCount } = await onOwnChannel(connection, (channel) => channel.checkQueue(queue));
  const many = `${queue} holds ${messageCount.toLocaleString('en')} messages`;
  if (messageCount > HELD_AT_MOST) {
    throw new Error(
      `${many}, too many for a demo to hold up: drain it first, or name another virtual host in AMQP_URL. ` +
        'A private RabbitMQ is emptied by `npm run broker -- --fresh`.',
    );
  }
  if (messageCount > PREFETCH) tell(`${many}: the demo's own are behind them, and the others go back to their places`);
  const poller = await Poller.open(connection, queue, { prefetch: PREFETCH });
  const taken: ConsumeMessage[] = [];
  let held = 0;
  let capacity = PREFETCH;
  try {
    while (taken.length < ids.size) {
      const messages = await poller.take({ maxMessages: PREFETCH, maxBytes: Number.POSITIVE_INFINITY }, signal);
      if (messages.length === 0) break;
      const own = messages.filter(({ properties }) => ids.has(properties.messageId));
      await beforeLeaving?.(own);
      poller.acknowledge(own);
      taken.push(...own);
      held += messages.length - own.length;
      if (held < capacity) continue;
      await poller.subscribe();
      capacity += PREFETCH;
    }
  } finally {
    await poller.close();
  }
  return taken;
}

/** The same for dead letters of the shop; its log then says that the demo has taken them, and nobody misses them. */
export async function takeOwnDeadLetters(
  connection: Connection,
  own: Omit<OwnMessages, 'queue' | 'beforeLeaving'>,
): Promise<ConsumeMessage[]> {
  const publisher = await Publisher.open(connection, CONFIRM_MS);
  const log = await addressOfLog(new Exchanges(connection), DEAD_LETTER_LOG);
  const beforeLeaving = (messages: readonly ConsumeMessage[]) =>
    mark(
      publisher,
      messages.map((message) => ({ id: deadLetterId(message), message })),
      {
        log,
        kind: 'purged',
        reasonOf: () => 'the demo took its own',
        at: new Date(),
        by: 'the demo',
      },
    );
  try {
    return await takeOwn(connection, { ...own, queue: DEAD_LETTER_QUEUE, beforeLeaving });
  } finally {
    await publisher.close();
  }
}
