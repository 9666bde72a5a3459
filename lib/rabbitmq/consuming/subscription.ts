import type { ConsumeMessage } from 'amqplib';

export interface Subscription {
  /** At most so many messages are with us and not yet acknowledged. */
  readonly prefetch: number;
  /** A stream wants them: where to begin. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  /** What helps where the queue is missing. */
  readonly missingAdvice?: string | undefined;
  /** What it refuses is acknowledged as it arrives, and never taken. Default: nothing. */
  readonly accepts?: (delivery: ConsumeMessage) => boolean;
}
