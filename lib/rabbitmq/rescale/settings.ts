/**
 * For a runner whose store's keys are the routing keys of its messages: its queue shares the keys of an `x-consistent-hash` exchange
 * with others, and when one joins or leaves, the entries move with the keys. Needs a changelog; the runner binds its queue itself.
 * An example: docs/rescaling.md.
 */
export interface RescaleSettings {
  readonly exchange: string;
  /** The queue's share of the keys, against the weights of all others. Default 1. */
  readonly weight?: number;
  /** Queues that may have been bound with weight 1, in the order of their names, before any of them was rescaled. Default: none. */
  readonly known?: readonly string[];
  /**
   * How long, in milliseconds, a message may be on its way from the exchange to its queue, and a binding on its way to the broker's
   * disk. Default 2,000.
   */
  readonly settleMs?: number;
  /** Told when the queue has handed entries over, has taken some over, or has left the ring and was deleted. */
  readonly onChange?: (change: RescaleChange) => void;
}

export interface RescaleChange {
  readonly kind: 'gave' | 'took' | 'left';
  /** How many entries moved; where a worker was killed in the middle, those since then. */
  readonly entries: number;
}
