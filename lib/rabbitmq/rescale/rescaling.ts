import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { StagedStore } from '../../state/staged-store.js';
import { backoffDelay, pause } from '../../waiting/backoff.js';
import { changelogOf } from '../changelog/stream.js';
import { onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { ifPermitted } from '../connection/declare-missing.js';
import type { Poller } from '../consuming/poller.js';
import type { PublishContext } from '../publishing/publish-until-confirmed.js';
import { Publisher } from '../publishing/publisher.js';
import { YOUNG_QUEUE_MS } from '../topology/young-queues.js';
import { declareHandoverQueue, drive } from './drive.js';
import { type Entered, enter, type Place } from './enter.js';
import { LateMessages } from './late-messages.js';
import { meetBarrier, type RescalingSession } from './meet-barrier.js';
import { RescaleLog } from './rescale-log.js';
import { type Barrier, barrierIn, handoverQueueOf, type Part, splitAtBarriers } from './rescale-message.js';
import { rescaleStreamOf } from './rescale-reader.js';
import { isAtRest, isMember } from './rescale-state.js';
import type { RescaleSettings } from './settings.js';

export interface RescalingParts<Value> extends Omit<PublishContext, 'publisher'> {
  readonly connection: Connection;
  readonly queue: string;
  readonly settings: RescaleSettings;
  readonly confirmTimeoutMs: number;
  readonly store: StagedStore<Value>;
  readonly place: Place;
  /** Whether a value may have been stored by the handler. Default: all are accepted. */
  readonly isValue?: ((value: unknown) => boolean) | undefined;
  /** The command with which a user with more rights declares what is missing. */
  readonly declaredBy?: string | undefined;
}

/**
 * A killed node forgets a young binding just as it forgets a young queue, and a forgotten binding must be restored before any
 * queue has given its keys away: of eight bindings that were 400 ms old, on a busy disk, one was forgotten (tried with 3.10.8).
 */
const SETTLE_MS = YOUNG_QUEUE_MS;
/** Anything still on its way to a queue that has left arrives within this time. */
const LEFT_QUIET_MS = 2_000;
/** A queue's place in the ring of an exchange, on one connection. */
export class Rescaling<Value> {
  readonly #parts: RescalingParts<Value>;
  readonly #records: RescaleLog;
  readonly #publishing: PublishContext;
  readonly #entered: Entered;
  readonly #runner = randomUUID();
  /** Whether this runner owns the queue, and does not stand by. */
  #active = false;
  readonly #late: LateMessages;

  private constructor(parts: RescalingParts<Value>, publishing: PublishContext, records: RescaleLog, entered: Entered) {
    this.#parts = parts;
    this.#publishing = publishing;
    this.#records = records;
    this.#entered = entered;
    const { connection, queue, settings, log } = parts;
    this.#late = new LateMessages({ connection, queue, exchange: settings.exchange, log });
  }

  /**
   * Reads the state of the ring, and enters it. This comes before the queue is declared, because whether it already existed
   * determines how.
   */
  static async enter<Value>(parts: RescalingParts<Value>): Promise<Rescaling<Value>> {
    const { connection, queue, settings, confirmTimeoutMs, log, signal, place, declaredBy } = parts;
    const { exchange, weight = 1, known = [] } = settings;
    const publishing = { ...parts, publisher: await Publisher.open(connection, confirmTimeoutMs) };
    const records = await RescaleLog.open(connection, exchange, publishing, declaredBy);
    const share = { queue, weight };
    const entered = await enter({ connection, records, exchange, share, known, log, signal, place });
    if (entered === 'member') place.wasMember = true;
    return new Rescaling(parts, publishing, records, entered);
  }

  /** The queue has left while another connection was lost, or while this runner stood by, and is gone. */
  get isGone(): boolean {
    return this.#entered === 'gone';
  }

  /**
   * Called after the queue has been declared: from now on this answers requests and carries out steps. Never throws; ends with
   * the connection.
   */
  async serve(): Promise<void> {
    const { connection, queue, settings, log, backoff, signal, store, declaredBy } = this.#parts;
    const { exchange, weight = 1, settleMs = SETTLE_MS } = settings;
    await declareHandoverQueue(connection, exchange, queue, declaredBy);
    if (this.#entered === 'alone') {
      await onOwnChannel(connection, (channel) => channel.bindQueue(queue, exchange, String(weight)));
    }
    this.#records.listen((record) => {
      if (record.kind !== 'who') return;
      const entries = this.#active ? { entries: store.size } : {};
      const here = { kind: 'here' as const, call: record.call, queue, runner: this.#runner, ...entries };
      this.#records.append(here).catch(() => undefined);
    });
    const driving = { ...this.#publishing, connection, records: this.#records, exchange, queue, settleMs, declaredBy };
    void (async () => {
      for (let attempt = 0; !signal.aborted && !this.#records.hasEnded; attempt++) {
        await drive(driving).catch(async (error: unknown) => {
          if (signal.aborted || this.#records.hasEnded) return;
          log.warn('a rescale is stuck; trying again', { code: 'rescale-stuck', queue, error });
          await pause(backoffDelay(attempt, backoff), signal);
        });
      }
    })();
  }

  /** The queue has a consumer here. Reports when it has its share of the keys. */
  subscribed(): void {
    const { queue, onStep } = this.#parts;
    const { ring, step } = this.#records.state;
    const hasItsShare = ring.some((share) => share.queue === queue) && !step?.takers.includes(queue);
    this.#records
      .until(() => this.#entered !== 'member' || hasItsShare || isAtRest(this.#records.state))
      .then(
        () => onStep('in the ring'),
        () => undefined,
      );
  }

  /** The queue has delivered something, so this runner owns it. From now on everything written before that is known. */
  async activate(): Promise<void> {
    await this.#records.catchUp();
    this.#active = true;
  }

  /** Undefined for what is not a barrier. */
  barrierIn(delivery: ConsumeMessage): Barrier | undefined {
    return barrierIn(rescaleStreamOf(this.#parts.settings.exchange), delivery);
  }

  /** Everything before a barrier is settled first. */
  partsOf(deliveries: readonly ConsumeMessage[]): Part[] {
    return splitAtBarriers(rescaleStreamOf(this.#parts.settings.exchange), deliveries);
  }

  /** Hands over, or takes over, and only then acknowledges. @throws ChannelGoneError, or once the signal has aborted */
  async meet(barrier: Barrier, settling: RescalingSession<Value>, poller: Poller): Promise<void> {
    const { onStep } = this.#parts;
    await meetBarrier({ ...this.#parts, records: this.#records, settling, poller }, barrier);
    this.#late.barrierMet();
    poller.acknowledge([barrier.delivery]);
    onStep('barrier acknowledged');
    await settling.journal.tidy();
    settling.works();
  }

  /**
   * Forwards messages that were routed before the ring changed, and arrived after the queue gave their keys away.
   * @returns the others, in order
   */
  async forwardLate(
    deliveries: readonly ConsumeMessage[],
    settling: RescalingSession<Value>,
    poller: Poller,
  ): Promise<readonly ConsumeMessage[]> {
    if (this.#entered === 'alone') return deliveries;
    return this.#late.forward(deliveries, this.#records.state, settling, poller);
  }

  /** How long to wait for more messages before checking whether the queue has left. */
  get quietMs(): number {
    return LEFT_QUIET_MS;
  }

  /** Whether the queue was taken out of the ring, and has received nothing for a while. */
  async hasLeft(): Promise<boolean> {
    const { connection, queue } = this.#parts;
    const { state } = this.#records;
    if (!this.#active && this.#entered !== 'leaving') return false;
    if (!state.left.has(queue) || isMember(state, queue)) return false;
    const { messageCount } = await onOwnChannel(connection, (channel) => channel.checkQueue(queue));
    return messageCount === 0;
  }

  /** Deletes the queue that has left, and everything that belongs to it, if the user may. */
  async clearAway(): Promise<void> {
    const { connection, queue, settings, log } = this.#parts;
    const changelog = changelogOf(queue);
    for (const name of [queue, handoverQueueOf(queue)]) {
      await ifPermitted(onOwnChannel(connection, (channel) => channel.deleteQueue(name)));
    }
    // In this order, because the exchange alone would mean that memory was lost.
    await ifPermitted(onOwnChannel(connection, (channel) => channel.deleteExchange(changelog)));
    const isDeleted = await ifPermitted(onOwnChannel(connection, (channel) => channel.deleteQueue(changelog)));
    const end = isDeleted ? 'it is deleted' : 'a user with that right can delete it';
    log.info(`${queue} has left ${settings.exchange}: others have its keys, and ${end}`, {
      code: 'rescale-left',
      queue,
    });
    settings.onChange?.({ kind: 'left', entries: 0 });
  }
}
