import type { Store } from '../../state/store.js';
import type { SnapshotPart } from './changelog-record.js';
import type { HandledWindow } from './handled-window.js';

/**
 * Cuts a queue's whole memory into parts of about `maxBytes` of JSON. Lazy, so that a million entries are never all encoded at
 * the same time.
 */
export function* snapshotParts<Value>(
  store: Store<Value>,
  handled: HandledWindow,
  maxBytes: number,
): Generator<SnapshotPart<Value>> {
  let part: { handled: string[]; entries: [string, Value][] } = { handled: [], entries: [] };
  let bytes = 0;
  let index = 0;
  for (const item of items(store, handled)) {
    const size = JSON.stringify(item).length + 1;
    if (bytes > 0 && bytes + size > maxBytes) {
      yield { index: index++, ...part };
      part = { handled: [], entries: [] };
      bytes = 0;
    }
    if (typeof item === 'string') part.handled.push(item);
    else part.entries.push(item);
    bytes += size;
  }
  yield { index, ...part };
}

function* items<Value>(store: Store<Value>, handled: HandledWindow): Generator<string | [string, Value]> {
  yield* handled;
  yield* store.entries();
}
