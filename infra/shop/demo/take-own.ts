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
 * The limit for one subscription. Other messages that are held use it up, and then a new one is opened. RabbitMQ's quorum queues
 * treat no limit as 2,000 (tried with 3.10.8), and would send nothing after the first 2,000 messages that are not ours.
 */
const PREFETCH = 1_000;
/** To take its own messages out of a queue, a demo holds everything before them. */
const HELD_AT_MOST = 100_000;
const CONFIRM_MS = 10_000;

export interface OwnMessages {
  readonly queue: string;
  readonly ids: ReadonlySet<string>;
  /** Returns what was found by then. */
  readonly signal: AbortSignal;
  /** Called once if the queue is long. */
  readonly tell: (text: string) => void;
  /** Runs before they leave the queue. */
  readonly beforeLeaving?: (own: readonly ConsumeMessage[]) => Promise<void>;
}

/**
 * Takes messages with these ids out of a queue, in order of arrival, as soon as they are there; all others go back to their
 * places at the end.
 * @throws Error if the queue holds too much to be held up; ChannelGoneError
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

/**
 * The same for dead letters of the shop; its log then records that the demo has taken them, so that they do not count as missing.
 */
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
