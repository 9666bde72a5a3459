import { replyCode } from './channel.js';

/**
 * The broker accepted the login but then refused something, for a reason that only someone else can fix; the message explains it.
 */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
  /** What must be declared first, such as `queue orders`. */
  readonly undeclared: string | undefined;

  constructor(message: string, { undeclared, ...options }: ErrorOptions & { readonly undeclared?: string } = {}) {
    super(message, options);
    this.undeclared = undeclared;
  }
}

/** It is worth retrying more often than connecting to a broker that is down. */
export class QueueMissingError extends RefusedError {
  override readonly name = 'QueueMissingError';
}

export interface Wanted {
  readonly queue: string;
  readonly vhost: string;
  /** What to do if the queue is missing. */
  readonly advice?: string | undefined;
}

/** The broker's refusal to a consumer, in words; any other error is returned as it is. */
export function subscriptionError({ queue, vhost, advice }: Wanted, cause: unknown): unknown {
  switch (replyCode(cause)) {
    case 404:
      return new QueueMissingError(
        `there is no queue ${queue} in virtual host ${vhost}; it is served as soon as it is there${advice ? `. ${advice}` : ''}`,
        { cause, undeclared: `queue ${queue}` },
      );
    case 403:
    case 405:
      return new RefusedError(`the broker refuses queue ${queue}: ${saidBy(cause as Error)}`, { cause });
    default:
      return cause;
  }
}

/** The broker's own words, which amqplib quotes (tried with 2.3). */
function saidBy({ message }: Error): string {
  return /with message "(.*)"/s.exec(message)?.[1] ?? message;
}
