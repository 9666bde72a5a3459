import { type Movement, movementOf, type Ring, sameRing } from '../ring/ring.js';
import type { RescaleRecord } from './rescale-record.js';

/** A change of the ring that is under way. */
export interface RescaleStep extends Movement {
  readonly epoch: number;
  readonly from: Ring;
  readonly to: Ring;
  readonly goal: Ring;
  /** No store had any entries when it began. */
  readonly empty: boolean;
  /** The number of entries that each queue gave, for those that have handed over. */
  readonly gave: ReadonlyMap<string, number>;
  readonly took: ReadonlyMap<string, number>;
}

/** The state that the records of a rescale stream add up to. */
export interface RescaleState {
  /** Of the latest step, finished or not; 0 before the first. */
  readonly epoch: number;
  /** The bindings when nothing is under way. */
  readonly ring: Ring;
  /** The ring after this step and those that follow it. */
  readonly goal: Ring;
  readonly step: RescaleStep | undefined;
  /** Queues that a finished step took out of the ring, and that no later step has put back. */
  readonly left: ReadonlySet<string>;
  /** Entries that the finished steps of the latest rescale have moved. */
  readonly moved: number;
}

export const NOTHING_YET: RescaleState = { epoch: 0, ring: [], goal: [], step: undefined, left: new Set(), moved: 0 };

/**
 * The state after one more record. A step that does not follow from the current state changes nothing: if two begin one at once,
 * one of them was first.
 */
export function afterRecord(state: RescaleState, record: RescaleRecord): RescaleState {
  switch (record.kind) {
    case 'found':
      return follows(state, record.epoch) ? foundRing(state, record.epoch, record.ring) : state;
    case 'step':
      return follows(state, record.epoch) && (state.epoch === 0 || sameRing(state.ring, record.from))
        ? begun(state, record)
        : state;
    case 'mark':
      return state.epoch === 0 && record.epoch !== undefined && record.ring !== undefined
        ? foundRing(state, record.epoch, record.ring)
        : state;
    case 'gave':
    case 'took':
      return state.step?.epoch === record.epoch ? moved(state, state.step, record) : state;
    default:
      return state;
  }
}

/** If retention has cut off the beginning, the first remaining record is the starting point. */
function follows({ epoch, step }: RescaleState, next: number): boolean {
  return step === undefined && (epoch === 0 || next === epoch + 1);
}

function foundRing({ left, moved }: RescaleState, epoch: number, ring: Ring): RescaleState {
  return { epoch, ring, goal: ring, step: undefined, left: without(left, ring), moved };
}

function begun(state: RescaleState, record: Extract<RescaleRecord, { kind: 'step' }>): RescaleState {
  const { epoch, from, to, goal, empty = false } = record;
  const step = { epoch, from, to, goal, empty, ...movementOf(from, to), gave: new Map(), took: new Map() };
  const goesOn = sameRing(goal, state.goal) && !sameRing(state.ring, state.goal);
  return finishedIfDone({ ...state, epoch, ring: from, goal, step, moved: goesOn ? state.moved : 0 }, step);
}

function moved(
  state: RescaleState,
  step: RescaleStep,
  record: Extract<RescaleRecord, { kind: 'gave' | 'took' }>,
): RescaleState {
  const { queue } = record;
  if (record.kind === 'gave') {
    if (!step.givers.includes(queue) || step.gave.has(queue)) return state;
    const entries = Object.values(record.entries).reduce((sum, some) => sum + some, 0);
    return finishedIfDone(state, { ...step, gave: new Map(step.gave).set(queue, entries) });
  }
  if (!step.takers.includes(queue) || step.took.has(queue)) return state;
  return finishedIfDone(state, { ...step, took: new Map(step.took).set(queue, record.entries) });
}

function finishedIfDone(state: RescaleState, step: RescaleStep): RescaleState {
  if (step.gave.size < step.givers.length || step.took.size < step.takers.length) return { ...state, step };
  const gone = step.from.map(({ queue }) => queue).filter((queue) => step.to.every((share) => share.queue !== queue));
  return {
    ...state,
    ring: step.to,
    step: undefined,
    left: without(new Set([...state.left, ...gone]), step.to),
    moved: state.moved + [...step.took.values()].reduce((sum, some) => sum + some, 0),
  };
}

function without(queues: ReadonlySet<string>, ring: Ring): ReadonlySet<string> {
  return new Set([...queues].filter((queue) => ring.every((share) => share.queue !== queue)));
}

/** Whether a queue has a place in the ring, now or through the rescale under way. */
export function isMember({ ring, goal, step }: RescaleState, queue: string): boolean {
  return [ring, goal, step?.to ?? []].some((shares) => shares.some((share) => share.queue === queue));
}

/** Whether no rescale is under way. */
export function isAtRest({ step, ring, goal }: RescaleState): boolean {
  return step === undefined && sameRing(ring, goal);
}

/** The queues that an unfinished step waits for: those that have not handed over; if all have, those that have not taken over. */
export function waitedFor({ step, ring }: RescaleState): readonly string[] {
  // The worker of the first queue begins the next step.
  if (step === undefined) return ring.slice(0, 1).map(({ queue }) => queue);
  const giving = step.givers.filter((queue) => !step.gave.has(queue));
  return giving.length > 0 ? giving : step.takers.filter((queue) => !step.took.has(queue));
}
