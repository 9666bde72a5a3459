import type { ConsumeMessage } from 'amqplib';
import { wireOf } from '../../wire/kept.js';
import { integerEntry, writeProperties } from '../../wire/properties.js';
import { sentAgain } from '../../wire/sent-again.js';
import { identityOf } from '../changelog/identity.js';
import type { Journal } from '../changelog/journal.js';
import type { Connection } from '../connection/connection.js';
import type { Poller } from '../consuming/poller.js';
import type { AdapterLog } from '../log.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { ownersIn, type Ring } from '../ring/ring.js';
import type { RescaleState } from './rescale-state.js';

/** For a message that was sent to its exchange again: the epoch. */
const FORWARDED = 'x-rescale-forwarded';
/** What the broker adds to a redelivered message, and what would send copies to others again. */
const LEFT_OUT = /^(x-rescale-forwarded|x-delivery-count|x-acquired-count|CC|BCC)$/;
/**
 * After a barrier, and when a runner starts, this many messages are checked: late ones arrive shortly after the barrier. Each
 * check takes some microseconds.
 */
const LOOKED_AT = 100_000;

export interface LateParts {
  readonly connection: Connection;
  readonly queue: string;
  readonly exchange: string;
  readonly log: AdapterLog;
}

/** Messages of a queue that were routed by an earlier ring, and arrive after their keys were given away. */
export class LateMessages {
  readonly #parts: LateParts;
  #ring: Ring = [];
  #owner = ownersIn(this.#ring);
  /** The number of messages still to be checked. */
  #looks = LOOKED_AT;
  /** Whether it was logged that some have come back. */
  #hasTold = false;

  constructor(parts: LateParts) {
    this.#parts = parts;
  }

  barrierMet(): void {
    this.#looks = LOOKED_AT;
    this.#hasTold = false;
  }

  /**
   * Sends them to the exchange again, with their ids.
   * @returns the others, in order
   */
  async forward<Value>(
    deliveries: readonly ConsumeMessage[],
    state: RescaleState,
    settling: PublishContext & { readonly journal: Journal<Value> },
    poller: Poller,
  ): Promise<readonly ConsumeMessage[]> {
    if (this.#looks <= 0) return deliveries;
    this.#looks -= deliveries.length;
    const suspects = this.#ofOthers(deliveries, state);
    if (suspects.length === 0) return deliveries;
    const { mostPropertyBytes } = this.#parts.connection;
    // Messages that were handled before their key was given away are not handled again.
    const repeated = new Set(settling.journal.sort(suspects).repeated);
    const onward = new Map<ConsumeMessage, EncodedMessage>();
    for (const delivery of suspects) {
      const message = forwarded(delivery, state.epoch);
      const fits = (message.wire?.length ?? 0) <= mostPropertyBytes;
      if (wasForwarded(delivery, state.epoch)) this.#tellOfReturn(delivery);
      else if (fits && !repeated.has(delivery)) onward.set(delivery, message);
    }
    if (onward.size === 0) return deliveries;
    await publishUntilConfirmed(settling, [...onward.values()]);
    settling.onStep('late forwarded');
    poller.acknowledge([...onward.keys()]);
    return deliveries.filter((delivery) => !onward.has(delivery));
  }

  #ofOthers(deliveries: readonly ConsumeMessage[], state: RescaleState): readonly ConsumeMessage[] {
    const { queue, exchange } = this.#parts;
    const ring = ringInForce(state, queue);
    if (ring !== this.#ring) {
      this.#ring = ring;
      this.#owner = ownersIn(ring);
    }
    return deliveries.filter(
      ({ fields }) => fields.exchange === exchange && (this.#owner(fields.routingKey) ?? queue) !== queue,
    );
  }

  #tellOfReturn({ fields: { routingKey } }: ConsumeMessage): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const { queue, exchange, log } = this.#parts;
    log.warn(`${exchange} routes keys of other queues to ${queue}: something else has bound or unbound a queue`, {
      code: 'ring-differs',
      queue,
      routingKey,
    });
  }
}

/** The ring by which the queue's messages are routed now. */
function ringInForce({ step, ring }: RescaleState, queue: string): Ring {
  if (step === undefined) return ring;
  return step.gave.has(queue) || step.took.has(queue) ? step.to : step.from;
}

/** Whether a queue forwarded it in this epoch: if it comes back then, it belongs to the queue, whatever the ring says. */
function wasForwarded({ properties }: ConsumeMessage, epoch: number): boolean {
  return properties.headers?.[FORWARDED] === epoch;
}

/** The message for its exchange again, byte for byte, except for the epoch and, if it had none, an id. */
function forwarded(delivery: ConsumeMessage, epoch: number): EncodedMessage {
  const { content, fields, properties } = delivery;
  const { exchange, routingKey } = fields;
  const messageId: string = properties.messageId || `forwarded-${epoch}-${identityOf(delivery).key}`;
  const added = integerEntry(FORWARDED, epoch);
  const wire = sentAgain(wireOf(properties) as Buffer, { leftOut: LEFT_OUT, added, idOfNone: messageId });
  return { exchange, routingKey, content, messageId, mustRoute: true, properties: {}, wire: writeProperties(wire) };
}
