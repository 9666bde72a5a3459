import type { Channel, ConsumeMessage } from 'amqplib';

/** Acknowledgements and rejections of one channel. */
export class Settlements {
  readonly #tellBroker: (act: (channel: Channel) => void) => void;
  /** Delivery tags that were neither acknowledged nor rejected, in order. */
  readonly #open = new Set<number>();
  #held: { readonly accepted: ConsumeMessage[]; readonly rejected: ConsumeMessage[] } | undefined;

  /** @param tellBroker does something on the channel; whatever it throws, `acknowledge`, `reject` and `tell` throw */
  constructor(tellBroker: (act: (channel: Channel) => void) => void) {
    this.#tellBroker = tellBroker;
  }

  arrived({ fields }: ConsumeMessage): void {
    this.#open.add(fields.deliveryTag);
  }

  /** Takes deliveries in the order of their arrival. */
  acknowledge(deliveries: readonly ConsumeMessage[]): void {
    for (const { fields } of deliveries) this.#open.delete(fields.deliveryTag);
    if (this.#held !== undefined) this.#held.accepted.push(...deliveries);
    else this.#tellAccepted(deliveries);
  }

  acknowledgeUpTo(delivery: ConsumeMessage): void {
    for (const tag of this.#open) {
      if (tag > delivery.fields.deliveryTag) break;
      this.#open.delete(tag);
    }
    this.#tellBroker((channel) => channel.ack(delivery, true));
  }

  reject(delivery: ConsumeMessage): void {
    this.#open.delete(delivery.fields.deliveryTag);
    if (this.#held !== undefined) this.#held.rejected.push(delivery);
    else this.#tellRejected(delivery);
  }

  /** From now on settlements are sent to the broker only by `tell`. */
  hold(): void {
    this.#held ??= { accepted: [], rejected: [] };
  }

  get areHeld(): boolean {
    return this.#held !== undefined;
  }

  tell(): void {
    const { accepted = [], rejected = [] } = this.#held ?? {};
    // Rejections go first, because the frame for acknowledged messages covers everything before the last of them.
    for (const delivery of rejected) this.#tellRejected(delivery);
    this.#tellAccepted(accepted.sort((one, other) => one.fields.deliveryTag - other.fields.deliveryTag));
  }

  /**
   * Sends one frame for all deliveries that have nothing undecided before them. One frame for each would not work: RabbitMQ
   * passes about 32 of them to a quorum queue at once, and drops the others when the channel closes (tried with 3.10.8).
   */
  #tellAccepted(deliveries: readonly ConsumeMessage[]): void {
    const [oldestOpen = Number.POSITIVE_INFINITY] = this.#open;
    const others = deliveries.findIndex(({ fields }) => fields.deliveryTag > oldestOpen);
    const together = others === -1 ? deliveries.length : others;
    const last = deliveries[together - 1];
    if (last !== undefined) this.#tellBroker((channel) => channel.ack(last, true));
    for (const delivery of deliveries.slice(together)) this.#tellBroker((channel) => channel.ack(delivery));
  }

  #tellRejected(delivery: ConsumeMessage): void {
    this.#tellBroker((channel) => channel.nack(delivery, false, false));
  }
}
