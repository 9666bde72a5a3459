import { replyCode } from './channel.js';

/** The broker let us in and then refused something, for a reason that only somebody else can mend; the message says it all. */
export class RefusedError extends Error {
  override readonly name: string = 'RefusedError';
}

/** It is worth looking for more often than a broker that is away. */
export class QueueMissingError extends RefusedError {
  override readonly name = 'QueueMissingError';
}

export interface Wanted {
  readonly queue: string;
  readonly vhost: string;
  /** What helps where the queue is missing. */
  readonly advice?: string | undefined;
}

/** In words what the broker says to whoever wants to consume from a queue; anything else is given back as it is. */
export function subscriptionError({ queue, vhost, advice }: Wanted, cause: unknown): unknown {
  switch (replyCode(cause)) {
    case 404:
      return new QueueMissingError(
        `there is no queue ${queue} in virtual host ${vhost}; it is served as soon as it is there${advice ? `. ${advice}` : ''}`,
        { cause },
      );
    case 403:
    case 405:
      return new RefusedError(`the broker refuses queue ${queue}: ${saidBy(cause as Error)}`, { cause });
    default:
      return cause;
  }
}

/** The broker's own words, which amqplib quotes (2.3, tried). */
function saidBy({ message }: Error): string {
  return /with message "(.*)"/s.exec(message)?.[1] ?? message;
}
