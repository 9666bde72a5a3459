import type { ConsumeMessage } from 'amqplib';

export interface Subscription {
  /** The maximum number of messages held here unacknowledged. */
  readonly prefetch: number;
  /** Required for a stream: where to begin. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** What to do if the queue is missing. */
  readonly missingAdvice?: string | undefined;
  /** Messages that it refuses are acknowledged on arrival, and never taken. Default: none. */
  readonly accepts?: (delivery: ConsumeMessage) => boolean;
}
