import type { StagedStore } from '../../state/staged-store.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import type { Decided, Journal } from './journal.js';

export interface PermanenceContext<Value> extends PublishContext {
  readonly journal: Journal<Value>;
  readonly store: StagedStore<Value>;
}

/**
 * Makes a decision permanent as a whole: its record and all its outgoing messages are confirmed, then its changes are committed.
 */
export async function makePermanent<Value>(
  acting: PermanenceContext<Value>,
  decided: Decided<Value>,
  unsealed: EncodedMessage | undefined,
  onConfirmed: () => void = () => undefined,
): Promise<void> {
  const { journal, store, onStep } = acting;
  const { outgoing } = decided;
  const record = unsealed && journal.seal(unsealed);
  if (record === undefined) await publishUntilConfirmed(acting, outgoing);
  else if (journal.ownedLately) {
    await publishUntilConfirmed(acting, [record, ...outgoing]);
    await journal.proveOwnership(record);
  } else {
    await publishUntilConfirmed(acting, [record]);
    await journal.proveOwnership(record);
    await publishUntilConfirmed(acting, outgoing);
  }
  onStep('confirmed');
  onConfirmed();
  store.commit();
  journal.confirmed(decided, record);
  onStep('committed');
}
