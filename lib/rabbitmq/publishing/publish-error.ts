import type { EncodedMessage } from './encoded-message.js';

/** Why a message is not known to be safe with the broker. */
export type PublishFailure = 'nacked' | 'returned' | 'timed out' | 'channel gone';

export class PublishError extends Error {
  override readonly name = 'PublishError';
  readonly failure: PublishFailure;
  /** Private, so that logging the error does not log the message's contents. */
  readonly #sent: EncodedMessage;

  constructor(failure: PublishFailure, sent: EncodedMessage, detail = '', options?: ErrorOptions) {
    super(
      `message ${sent.messageId} to ${JSON.stringify(sent.exchange)}: ${failure}${detail && ` (${detail})`}`,
      options,
    );
    this.failure = failure;
    this.#sent = sent;
  }

  get sent(): EncodedMessage {
    return this.#sent;
  }
}
