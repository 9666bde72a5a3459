import { type Backoff, backoffDelay, pause } from '../../waiting/backoff.js';
import { ChannelGoneError } from '../connection/channel.js';
import type { AdapterLog } from '../log.js';
import type { OnStep } from '../steps.js';
import type { EncodedMessage } from './encoded-message.js';
import type { Publisher } from './publisher.js';

export interface PublishContext {
  readonly publisher: Publisher;
  readonly backoff: Backoff;
  readonly log: AdapterLog;
  readonly onStep: OnStep;
  readonly signal: AbortSignal;
}

/**
 * Publishes in order and sends failed messages again, with the same ids, until every message is confirmed. It does so in place,
 * because a restart would raise the delivery count of every message that waits behind this batch.
 * @throws ChannelGoneError, SickNodeError; PublishError once the signal has aborted
 */
export async function publishUntilConfirmed(
  { publisher, backoff, log, onStep, signal }: PublishContext,
  messages: readonly EncodedMessage[],
): Promise<void> {
  let unconfirmed = messages;
  for (let attempt = 0; unconfirmed.length > 0; attempt++) {
    const failures = await publisher.publishAll(unconfirmed, () => onStep('one confirmed'));
    const [first] = failures;
    if (first === undefined) return;
    const gone = failures.find(({ failure }) => failure === 'channel gone');
    if (gone !== undefined) throw new ChannelGoneError(gone.message, { cause: gone });
    onStep('publish failed');
    if (signal.aborted) throw first;
    log.warn('messages are stuck: not confirmed, or not routed to any queue; trying again', {
      code: 'publish-stuck',
      stuck: failures.length,
      attempt: attempt + 1,
      failure: first.failure,
      first: first.message,
    });
    await pause(backoffDelay(attempt, backoff), signal);
    // A return is the broker's current answer; for the others, a channel may never learn that they are over.
    if (failures.some(({ failure }) => failure === 'timed out')) await publisher.renewAfterSilence();
    else if (failures.some(({ failure }) => failure !== 'returned')) await publisher.renew();
    unconfirmed = failures.map(({ sent }) => sent);
  }
}
