import type { EncodedMessage } from './encoded-message.js';
import { PublishError } from './publish-error.js';

/** The confirms of messages that are published together: one promise and one timer for all of them. */
export class Confirms {
  readonly #messages: readonly EncodedMessage[];
  readonly #onConfirm: (() => void) | undefined;
  /** By position: null while it is open, then its failure or nothing. */
  readonly #outcomes: (PublishError | undefined | null)[];
  #open: number;
  #complete = (): void => undefined;

  constructor(messages: readonly EncodedMessage[], onConfirm: (() => void) | undefined) {
    this.#messages = messages;
    this.#onConfirm = onConfirm;
    this.#outcomes = messages.map(() => null);
    this.#open = messages.length;
  }

  settle(index: number, failure: PublishError | undefined, confirmed: boolean): void {
    // A confirm may arrive after its time is up.
    if (this.#outcomes[index] !== null) return;
    this.#outcomes[index] = failure;
    this.#open--;
    if (confirmed) this.#onConfirm?.();
    if (this.#open === 0) this.#complete();
  }

  /** Resolves when every message is settled, in publishing order; those still open after `timeoutMs` have timed out. */
  async failures(timeoutMs: number): Promise<PublishError[]> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, timeoutMs);
        this.#complete = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#messages.forEach((message, index) => {
      if (this.#outcomes[index] === null) this.settle(index, new PublishError('timed out', message), false);
    });
    return this.#outcomes.filter((outcome) => outcome instanceof PublishError);
  }
}
