/** What is known of the broker at this moment, beside what the streams tell. */
export interface ShopStatus {
  /** Whether the streams are being read. */
  readonly connected: boolean;
  readonly queues: readonly QueueDepth[];
}

export interface QueueDepth {
  readonly name: string;
  /** A queue that nobody has declared yet is not there. */
  readonly present: boolean;
  /** Messages that wait; delivered ones are not counted. */
  readonly waiting: number;
  readonly consumers: number;
}
