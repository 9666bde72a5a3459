import { exists, onOwnChannel } from '../connection/channel.js';
import { inOrder, nextRing, type Ring, type Share } from '../ring/ring.js';
import { handoverQueueOf } from './rescale-message.js';
import { isMember } from './rescale-state.js';
import { type RollCallContext, servedByOurs } from './roll-call.js';

export interface EnterContext extends RollCallContext {
  readonly exchange: string;
  readonly share: Share;
  /** Queues that may have been bound, in the order of their names and with weight 1, before the first record. */
  readonly known: readonly string[];
  readonly place: Place;
}

/**
 * `member`: it has its place in the ring, or gets it through the rescale under way. `alone`: a program that does not rescale
 * serves one of the others, so it gets its share without their entries. `leaving`: it was taken out of the ring but still exists.
 * `gone`: it was taken out of the ring while this runner served it or stood by, and no longer exists.
 */
export type Entered = 'member' | 'alone' | 'leaving' | 'gone';

/** What a runner remembers from one connection to the next. */
export interface Place {
  wasMember: boolean;
}

/**
 * Gives a queue its place in the ring before it is declared. A queue that exists was bound before, unless it was prepared to
 * join; a queue that does not exist joins by a rescale, whose steps are taken by all who serve the ring. Two that join at once
 * take turns.
 */
export async function enter(entering: EnterContext): Promise<Entered> {
  const { records, share, signal, place } = entering;
  const { queue } = share;
  for (;;) {
    const { state } = records;
    const { ring, step } = state;
    if (step === undefined && (await dropDeleted(entering))) continue;
    if (isMember(state, queue)) {
      await bindAgain(entering);
      return 'member';
    }
    if (step !== undefined) {
      await records.until(() => records.state !== state, signal);
      continue;
    }
    const isThere = await isQueue(entering, queue);
    if (isThere && state.left.has(queue)) return 'leaving';
    const joins = !isThere || (await isPrepared(entering, ring));
    if (state.left.has(queue) && place.wasMember) return 'gone';
    const found = await withKnown(entering, ring);
    const others = found.map((other) => other.queue).filter((other) => other !== queue);
    const roll = await servedByOurs(entering, others, { who: `${queue}, which joins,`, mustBeServed: joins });
    if (roll === undefined) {
      if (joins) tellOfLoss(entering);
      return 'alone';
    }
    if (!joins) await addFound(entering, state.epoch, [...found.filter((other) => other.queue !== queue), share]);
    else if (found.length > ring.length) await addFound(entering, state.epoch, found);
    else {
      const goal = inOrder([...ring, share]);
      const step = { kind: 'step' as const, epoch: state.epoch + 1, from: ring, to: nextRing(ring, goal), goal };
      const isEmpty = [...roll.values()].every(({ entries }) => entries === 0);
      await records.append({ ...step, ...(isEmpty && { empty: true }) });
    }
  }
}

/**
 * Whether someone has declared the queue so that it can join: together with its handover queue, which a bound queue does not
 * have.
 */
async function isPrepared(entering: EnterContext, ring: Ring): Promise<boolean> {
  const { records, known, share } = entering;
  if (records.state.epoch === 0 && known.includes(share.queue)) return false;
  const isMember = ring.some(({ queue }) => queue === share.queue);
  return !isMember && (await isQueue(entering, handoverQueueOf(share.queue)));
}

/**
 * A killed node may have forgotten a young binding, and someone may have declared the exchange again. If nothing is missing,
 * nothing changes.
 */
async function bindAgain({ connection, records, exchange }: EnterContext): Promise<void> {
  const { step, ring } = records.state;
  if (step !== undefined) return;
  // All of them, in the ring's order, whoever comes first, because RabbitMQ assigns keys by the order of the bindings.
  for (const { queue, weight } of ring) {
    await onOwnChannel(connection, (channel) => channel.bindQueue(queue, exchange, String(weight)));
  }
}

function tellOfLoss({ share: { queue }, exchange, log }: EnterContext): void {
  log.warn(
    `${queue} gets its share of ${exchange} without what other queues remember: a program that does not rescale serves one of them`,
    { code: 'joins-without-handover', queue, exchange },
  );
}

async function addFound({ connection, records, exchange }: EnterContext, epoch: number, found: Ring): Promise<void> {
  const ring = inOrder(found);
  // If they are already bound, nothing changes.
  for (const { queue, weight } of ring) {
    await onOwnChannel(connection, (channel) => channel.bindQueue(queue, exchange, String(weight)));
  }
  await records.append({ kind: 'found', epoch: epoch + 1, ring });
}

/**
 * Takes queues out of the ring that someone has deleted: RabbitMQ has given their keys to others. @returns whether there were any
 */
export async function dropDeleted({
  connection,
  records,
}: Pick<EnterContext, 'connection' | 'records'>): Promise<boolean> {
  const { ring, epoch } = records.state;
  const there: Share[] = [];
  for (const share of ring) if (await isQueue({ connection }, share.queue)) there.push(share);
  if (there.length === ring.length) return false;
  await records.append({ kind: 'found', epoch: epoch + 1, ring: there });
  return true;
}

/** The ring, and what existed before the first record of a ring. */
async function withKnown(entering: EnterContext, ring: Ring): Promise<Ring> {
  if (entering.records.state.epoch > 0) return ring;
  const found: Share[] = [];
  for (const queue of entering.known) if (await isQueue(entering, queue)) found.push({ queue, weight: 1 });
  return found;
}

function isQueue({ connection }: Pick<EnterContext, 'connection'>, queue: string): Promise<boolean> {
  return exists(connection, (channel) => channel.checkQueue(queue));
}
