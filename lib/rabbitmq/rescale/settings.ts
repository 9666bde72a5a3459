/**
 * For a runner whose store's keys are the routing keys of its messages: its queue shares the keys of an `x-consistent-hash`
 * exchange with others, and when a queue joins or leaves, the entries move with the keys. Needs a changelog; the runner binds its
 * queue itself. Example: docs/rescaling.md.
 */
export interface RescaleSettings {
  readonly exchange: string;
  /** The queue's share of the keys, relative to the weights of all others. Default 1. */
  readonly weight?: number;
  /**
   * Queues that may have been bound with weight 1, in the order of their names, before any of them was rescaled. Default: none.
   */
  readonly known?: readonly string[];
  /**
   * How long, in milliseconds, a message may take from the exchange to its queue, and a binding to reach the broker's disk.
   * Default 2,000.
   */
  readonly settleMs?: number;
  /** Called when the queue has handed entries over, has taken some over, or has left the ring and was deleted. */
  readonly onChange?: (change: RescaleChange) => void;
}

export interface RescaleChange {
  readonly kind: 'gave' | 'took' | 'left';
  /** How many entries moved; if a worker was killed in the middle, those moved since then. */
  readonly entries: number;
}
