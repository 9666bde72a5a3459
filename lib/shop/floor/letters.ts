import type { PassedEvent, RefusedEvent } from './floor-event.js';

/** One dead letter with its whole history: the same event may be refused, redriven and refused again. */
export interface Letter {
  /** The key of its first refusal, as far as that is listed. */
  readonly key: string;
  readonly state: LetterState;
  /** When it came into this state, in milliseconds since 1970. */
  readonly at: number;
  readonly latest: RefusedEvent;
  /** All of its refusals, in order. */
  readonly refusals: readonly RefusedEvent[];
  /** Its history, in order. */
  readonly history: readonly LetterStep[];
}

export const LETTER_STATES = ['waiting', 'sent back', 'dropped'] as const;
export type LetterState = (typeof LETTER_STATES)[number];

export interface LetterStep {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly what: 'refused' | Exclude<LetterState, 'waiting'>;
  /** Why it was refused. */
  readonly reason?: string;
  /** Who redrove or purged it. */
  readonly by?: string;
}

const STATE_OF = { redriven: 'sent back', purged: 'dropped' } as const;

/** Groups what belongs to one event. @param refused newest first @returns the groups, the one with the latest step first */
export function lettersOf(refused: readonly RefusedEvent[]): readonly Letter[] {
  const letters = new Map<string, Letter>();
  /** By the id of each of its deaths, the key of a letter. */
  const keys = new Map<string, string>();
  for (const event of refused.toReversed()) {
    const key = keys.get(sentBackAs(event) ?? '') ?? eventKeyOf(event);
    keys.set(event.id, key);
    letters.set(key, withRefusal(letters.get(key), event));
  }
  return [...letters.values()].reverse().sort((one, other) => other.at - one.at || other.latest.at - one.latest.at);
}

function withRefusal(letter: Letter | undefined, event: RefusedEvent): Letter {
  const { at, reason, removed } = event;
  const state = removed === undefined ? 'waiting' : STATE_OF[removed.fate];
  return {
    key: letter?.key ?? event.key,
    state,
    at: removed?.at ?? at,
    latest: event,
    refusals: [...(letter?.refusals ?? []), event],
    history: [
      ...(letter?.history ?? []),
      { at, what: 'refused', reason },
      ...(removed === undefined
        ? []
        : [{ at: removed.at, what: STATE_OF[removed.fate], ...(removed.by !== undefined && { by: removed.by }) }]),
    ],
  };
}

/** What an event of the floor follows from: a message, and when it was handled, in milliseconds since 1970. */
export interface Cause {
  readonly messageId: string;
  readonly at: number;
}

/** The refusals of an event, each of which was redriven, before what is shown happened; in order. */
export function refusedBefore(
  letters: readonly Letter[],
  event: PassedEvent,
  cause: Cause | undefined,
): readonly RefusedEvent[] {
  if (event.kind === 'dead letter') {
    const refusals = letters.find(({ refusals }) => refusals.some(({ key }) => key === event.key))?.refusals ?? [];
    return refusals.slice(
      0,
      refusals.findIndex(({ key }) => key === event.key),
    );
  }
  if (cause === undefined) return [];
  const { messageId, at } = cause;
  const isIts = (refusal: RefusedEvent): boolean =>
    refusal.messageId === messageId || refusal.id === sentBackAs({ messageId });
  const refusals = letters.find(({ refusals }) => refusals.some(isIts))?.refusals ?? [];
  return refusals.filter(({ removed }) => removed?.fate === 'redriven' && removed.at <= at);
}

/** The dead letter that an event was, if it had no id of its own and got one when it was redriven. */
function sentBackAs({ messageId = '' }: Pick<RefusedEvent, 'messageId'>): string | undefined {
  return /^redrive-([0-9a-f]+)-\d+$/.exec(messageId)?.[1];
}

/** The same id and the same body mean the same event. Without an id, equal messages share a dead letter. */
function eventKeyOf({ id, messageId, carrier }: RefusedEvent): string {
  return messageId === undefined ? id : JSON.stringify([messageId, carrier.body]);
}
