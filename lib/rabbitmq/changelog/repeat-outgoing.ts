import { backoffDelay, pause } from '../../waiting/backoff.js';
import { ChannelGoneError, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { Exchanges } from '../publishing/exchanges.js';
import type { PublishError } from '../publishing/publish-error.js';
import type { PublishContext } from '../publishing/publish-until-confirmed.js';
import { Publisher } from '../publishing/publisher.js';

export interface RepeatContext extends Omit<PublishContext, 'publisher'> {
  readonly connection: Connection;
  readonly exchanges: Exchanges;
  readonly confirmTimeoutMs: number;
  /** How long messages that cannot be sent may delay the start, in milliseconds. */
  readonly outageMs: number;
  /** Sets them aside where people find them. Returns those that could not be. */
  readonly setAside: (stuck: readonly Stuck[]) => Promise<readonly Stuck[]>;
}

/** A message that cannot be sent. */
export interface Stuck {
  readonly message: EncodedMessage;
  readonly why: string;
  /** Its queue is full, or the broker is slow: that will pass. */
  readonly mayPass: boolean;
}

/**
 * Publishes a recovered batch's outgoing messages again, with the same ids. What cannot be sent is tried again here rather than
 * by a restart. A message that has nowhere to go for long, or that the user may not send, is set aside, so that it does not hold
 * up everything after it. A message that need not be routed is dropped if its exchange is gone, just as it would be without a
 * queue.
 * @throws ChannelGoneError; Error once the signal has aborted
 */
export async function repeatOutgoing(repeating: RepeatContext, outgoing: readonly EncodedMessage[]): Promise<void> {
  const { log, backoff, signal, outageMs, setAside, onStep } = repeating;
  const startedAt = performance.now();
  let unsent = outgoing;
  for (let attempt = 0; ; attempt++) {
    let stuck: readonly Stuck[] = await send(repeating, unsent);
    if (performance.now() - startedAt >= outageMs) {
      stuck = [...stuck.filter(({ mayPass }) => mayPass), ...(await setAside(stuck.filter(({ mayPass }) => !mayPass)))];
    }
    const [first] = stuck;
    if (first === undefined) return;
    onStep('publish failed');
    if (signal.aborted) throw new Error(`stopped while messages are stuck: ${first.why}`);
    log.warn('messages are stuck: not confirmed, or not routed; trying again', {
      code: 'publish-stuck',
      stuck: stuck.length,
      attempt: attempt + 1,
      first: first.why,
    });
    await pause(backoffDelay(attempt, backoff), signal);
    unsent = stuck.map(({ message }) => message);
  }
}

async function send(
  { exchanges, ...publishing }: RepeatContext,
  messages: readonly EncodedMessage[],
): Promise<Stuck[]> {
  const stuck: Stuck[] = [];
  const there: EncodedMessage[] = [];
  for (const message of messages) {
    if (await exchanges.has(message.exchange)) there.push(message);
    else if (message.mustRoute)
      stuck.push({ message, why: `there is no exchange ${message.exchange}`, mayPass: false });
  }
  const failures = await publish(publishing, there);
  // A refusal ends the channel for the other messages, too.
  const refused = failures.some(({ failure }) => failure === 'channel gone');
  const last = refused
    ? await oneByOne(
        publishing,
        failures.map(({ sent }) => sent),
      )
    : failures;
  const failed = last.map(({ sent, message, failure }) => ({
    message: sent,
    why: message,
    mayPass: failure === 'nacked' || failure === 'timed out',
  }));
  return [...stuck, ...failed];
}

/** On separate channels. @throws ChannelGoneError if a channel ended for a reason other than a refusal */
async function oneByOne(
  publishing: Pick<RepeatContext, 'connection' | 'confirmTimeoutMs'>,
  messages: readonly EncodedMessage[],
): Promise<PublishError[]> {
  const failures: PublishError[] = [];
  for (const message of messages) {
    const [failure] = await publish(publishing, [message]);
    if (failure?.failure === 'channel gone' && replyCode(failure.cause) === undefined) {
      throw new ChannelGoneError(failure.message, { cause: failure });
    }
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

async function publish(
  { connection, confirmTimeoutMs }: Pick<RepeatContext, 'connection' | 'confirmTimeoutMs'>,
  messages: readonly EncodedMessage[],
): Promise<PublishError[]> {
  if (messages.length === 0) return [];
  const publisher = await Publisher.open(connection, confirmTimeoutMs);
  try {
    return await publisher.publishAll(messages);
  } finally {
    await publisher.close();
  }
}
