import { setImmediate } from 'node:timers/promises';
import type { StagedStore } from '../../state/staged-store.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { ownersIn } from '../ring/ring.js';
import { handoverMessage } from './rescale-message.js';
import type { RescaleStep } from './rescale-state.js';

/** The limit for entries, as JSON: together with their deletions they fit into a record of any changelog that is not tiny. */
const MOST_BYTES = 200_000;
/** Each of a million keys takes some microseconds, so heartbeats must be possible in between. */
const LOOKED_AT_ONCE = 10_000;
const IDENTITIES_AT_ONCE = 5_000;

export interface GiveContext<Value> extends PublishContext {
  readonly queue: string;
  /** The rescale exchange. */
  readonly by: string;
  readonly store: StagedStore<Value>;
  /** Every giver sends at most the same share of a window, and one share is left for what the taker has handled itself. */
  readonly newestHandled: (share: number) => readonly string[];
  /** Makes the staged changes and these messages permanent at once. */
  readonly settle: (outgoing: readonly EncodedMessage[]) => Promise<void>;
}

/**
 * Hands over each entry whose key belongs to another queue after a step, with what was handled recently, and tells each taker
 * that there is no more. Repeated after a crash, it gives what is left.
 * @returns the number of entries by queue
 */
export async function give<Value>(giving: GiveContext<Value>, step: RescaleStep): Promise<Record<string, number>> {
  const { queue, by, store, settle, newestHandled, onStep } = giving;
  const { epoch, takers } = step;
  const owner = ownersIn(step.to);
  const given: Record<string, number> = Object.fromEntries(takers.map((taker) => [taker, 0]));
  let staged = new Map<string, [string, Value][]>();
  let bytes = 0;
  const settleStaged = async (): Promise<void> => {
    if (staged.size === 0) return;
    await settle([...staged].map(([to, entries]) => handoverMessage(by, to, { epoch, from: queue, entries })));
    onStep('entries given');
    for (const [to, { length }] of staged) given[to] = (given[to] ?? 0) + length;
    staged = new Map();
    bytes = 0;
  };
  let looked = 0;
  for (const [key, value] of store.entries()) {
    if (++looked % LOOKED_AT_ONCE === 0) await setImmediate();
    const to = owner(key) ?? queue;
    if (to === queue || !takers.includes(to)) continue;
    const entries = staged.get(to) ?? [];
    entries.push([key, value]);
    staged.set(to, entries);
    store.delete(key);
    bytes += Buffer.byteLength(key) + JSON.stringify(value).length;
    if (bytes >= MOST_BYTES) await settleStaged();
  }
  await settleStaged();
  const rest = [...inPieces(newestHandled(1 / (step.givers.length + 1))), 'last' as const];
  for (const piece of rest) {
    const handover = { epoch, from: queue, ...(piece === 'last' ? { last: true as const } : { handled: piece }) };
    await publishUntilConfirmed(
      giving,
      takers.map((to) => handoverMessage(by, to, handover)),
    );
  }
  onStep('all given');
  return given;
}

function* inPieces(identities: readonly string[]): Generator<string[]> {
  for (let start = 0; start < identities.length; start += IDENTITIES_AT_ONCE) {
    yield identities.slice(start, start + IDENTITIES_AT_ONCE);
  }
}
