import { pause } from '../../waiting/backoff.js';
import { onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { bindWherePermitted, declareMissing } from '../connection/declare-missing.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { nextRing, type Ring } from '../ring/ring.js';
import type { RescaleLog } from './rescale-log.js';
import { barrierMessage, type Duty, handoverQueueOf } from './rescale-message.js';
import { rescaleStreamOf } from './rescale-reader.js';
import { isAtRest, type RescaleStep } from './rescale-state.js';
import { consumersOf } from './roll-call.js';

/** RabbitMQ 4 drops a message that was returned 20 times by default, and RabbitMQ 3 returns it out of order. */
const NEVER = 1_000_000_000;
/** If there is nothing to hand over, little can go wrong. */
const EMPTY_SETTLE_MS = 100;
const LOOK_MS = 100;
/** How often the queues that it waits for are logged. */
const SAY_MS = 10_000;

export interface DriveContext extends PublishContext {
  readonly connection: Connection;
  readonly records: RescaleLog;
  readonly exchange: string;
  readonly queue: string;
  /** How long a message that was routed by the old ring may take to reach its queue, in milliseconds. */
  readonly settleMs: number;
  /** The command with which a user with more rights declares what is missing. */
  readonly declaredBy?: string | undefined;
}

/**
 * Declares the queue through which others hand over to a queue's worker, and binds both to the rescale exchange. It has a single
 * active consumer, so a successor gets what its predecessor held before anything that came later.
 */
export async function declareHandoverQueue(
  connection: Connection,
  exchange: string,
  queue: string,
  declaredBy?: string,
): Promise<void> {
  const handovers = handoverQueueOf(queue);
  const args = { 'x-queue-type': 'quorum', 'x-single-active-consumer': true, 'x-delivery-limit': NEVER };
  await declareMissing(connection, {
    thing: `queue ${handovers}`,
    check: (channel) => channel.checkQueue(handovers),
    declare: (channel) => channel.assertQueue(handovers, { durable: true, arguments: args }),
    declaredBy,
  });
  const by = rescaleStreamOf(exchange);
  for (const name of [handovers, queue])
    await bindWherePermitted(connection, { queue: name, exchange: by, routingKey: name });
}

/**
 * Carries out the steps of every rescale that fall to this queue, which is the first queue in the ring that a step leads to,
 * because nothing can finish without it. A step that is done twice, or by two workers at once, after a crash or by a standby, has
 * the same effect as once. Never returns. @throws ChannelGoneError
 */
export async function drive(driving: DriveContext): Promise<never> {
  const { records, queue, signal } = driving;
  for (;;) {
    await records.until(
      () => (records.state.step?.to ?? records.state.ring)[0]?.queue === queue && !isAtRest(records.state),
    );
    const { step, ring, goal, epoch } = records.state;
    if (step === undefined) {
      await records.append({ kind: 'step', epoch: epoch + 1, from: ring, to: nextRing(ring, goal), goal });
    } else {
      await takeStep(driving, step);
      await records.until(() => records.state.step?.epoch !== step.epoch, signal);
    }
  }
}

/**
 * Queues that gain keys stop at a barrier before they gain any. Then the ring is changed. When everything that was routed by the
 * old ring has arrived, queues that lose keys find their barrier behind it.
 */
async function takeStep(driving: DriveContext, step: RescaleStep): Promise<void> {
  const { connection, exchange, declaredBy, settleMs, signal, onStep } = driving;
  const isOver = (): boolean => driving.records.state.step?.epoch !== step.epoch;
  for (const queue of [...step.takers, ...step.givers])
    await declareHandoverQueue(connection, exchange, queue, declaredBy);
  await untilServed(driving, step.takers);
  await sendBarriers(driving, step, 'take');
  onStep('barriers to takers sent');
  if (isOver()) return;
  await bind(driving, step.from, step.to);
  onStep('ring bound');
  if (step.givers.length === 0) return;
  await pause(step.empty ? Math.min(settleMs, EMPTY_SETTLE_MS) : settleMs, signal);
  if (isOver()) return;
  await sendBarriers(driving, step, 'give');
  onStep('barriers to givers sent');
}

/**
 * No queue gains keys before there is a worker to take them; and a joining queue gets its worker only when it is safe on the
 * disk.
 */
async function untilServed({ connection, log, signal }: DriveContext, queues: readonly string[]): Promise<void> {
  for (let saidAt = performance.now(); ; await pause(LOOK_MS, signal)) {
    const consumers = await consumersOf(connection, queues);
    const missing = queues.filter((queue) => consumers.get(queue) === 0);
    if (missing.length === 0) return;
    signal.throwIfAborted();
    if (performance.now() - saidAt < SAY_MS) continue;
    saidAt = performance.now();
    log.warn(`a rescale waits for ${missing.join(', ')}: no worker serves it`, { code: 'rescale-waits', missing });
  }
}

async function sendBarriers(driving: DriveContext, { epoch, givers, takers }: RescaleStep, duty: Duty): Promise<void> {
  const queues = duty === 'give' ? givers : takers;
  const by = rescaleStreamOf(driving.exchange);
  await publishUntilConfirmed(
    driving,
    queues.map((queue) => barrierMessage(by, queue, epoch, duty)),
  );
}

/** Repeating it changes nothing: bindings that exist stay, and missing ones stay missing. */
async function bind({ connection, exchange }: DriveContext, from: Ring, to: Ring): Promise<void> {
  const gone = from.filter(({ queue }) => to.every((share) => share.queue !== queue));
  const added = to.filter(({ queue }) => from.every((share) => share.queue !== queue));
  for (const { queue, weight } of added) {
    await onOwnChannel(connection, (channel) => channel.bindQueue(queue, exchange, String(weight)));
  }
  for (const { queue, weight } of gone.toReversed()) {
    await onOwnChannel(connection, (channel) => channel.unbindQueue(queue, exchange, String(weight)));
  }
}
