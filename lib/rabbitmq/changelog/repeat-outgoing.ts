import { backoffDelay, pause } from '../../waiting/backoff.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { Exchanges } from '../publishing/exchanges.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';

/**
 * Publishes a recovered batch's outgoing once more, same ids. Its exchange may be gone since: then what must route
 * waits for it, here and not by a restart, and what need not route is dropped as it would be without a queue.
 */
export async function repeatOutgoing(
  publishing: PublishContext & { readonly exchanges: Exchanges },
  outgoing: readonly EncodedMessage[],
): Promise<void> {
  const { exchanges, log, backoff, signal } = publishing;
  const sendable: EncodedMessage[] = [];
  for (const message of outgoing) {
    for (let attempt = 0; message.mustRoute && !(await exchanges.has(message.exchange)); attempt++) {
      if (signal.aborted) throw new Error(`stopped while there is no exchange ${message.exchange}`);
      log.warn('a message is stuck: its exchange is missing', {
        code: 'exchange-missing',
        exchange: message.exchange,
        attempt: attempt + 1,
      });
      await pause(backoffDelay(attempt, backoff), signal);
    }
    if (await exchanges.has(message.exchange)) sendable.push(message);
  }
  await publishUntilConfirmed(publishing, sendable);
}
