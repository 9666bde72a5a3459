import type { StagedStore } from '../../state/staged-store.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { ChangelogRecord, SnapshotPart } from './changelog-record.js';
import type { CrashCounts } from './crashes.js';
import type { HandledWindow } from './handled-window.js';
import type { LogSize } from './retention.js';

/** Everything that a changelog restores. */
export interface QueueMemory<Value> {
  readonly store: StagedStore<Value>;
  readonly handled: HandledWindow;
  readonly crashes: CrashCounts;
  readonly size: LogSize;
}

/**
 * The fold that turns a changelog's records, in stream order, into the state they describe. A record counts only if its nonce is
 * that of the latest opening before it. If retention has cut off the stream's beginning, the state is complete from the first
 * complete snapshot on, which includes everything before it.
 */
export class Recovery<Value> {
  readonly #store: StagedStore<Value>;
  readonly #handled: HandledWindow;
  readonly #crashes: CrashCounts;
  readonly #size: LogSize;
  #owner: string | undefined;
  #snapshot: { readonly id: string; readonly parts: Map<number, SnapshotPart<Value>> } | undefined;
  #lastOutgoing: readonly EncodedMessage[] = [];
  /** Handled, oldest first, before `finish`: most of a long changelog's identities have left the window by the end. */
  #identities: string[] = [];
  #whole: boolean;
  #ignored = 0;

  /** Clears the memory. `fromStart` says that the stream still has its first record. */
  constructor({ store, handled, crashes, size }: QueueMemory<Value>, fromStart: boolean) {
    this.#store = store;
    this.#handled = handled;
    this.#crashes = crashes;
    this.#size = size;
    this.#whole = fromStart;
    store.clear();
    handled.clear();
    crashes.clear();
    size.clear();
  }

  /** Whether nothing is missing. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Records of writers that had been replaced. */
  get ignored(): number {
    return this.#ignored;
  }

  /**
   * The outgoing messages of the last batch, if nothing after it proves that they were confirmed. One batch is in flight at a
   * time, so everything older is confirmed.
   */
  get unconfirmed(): readonly EncodedMessage[] {
    return this.#lastOutgoing;
  }

  take(record: ChangelogRecord<Value>, contentBytes: number): void {
    if (record.kind === 'opening') {
      this.#owner = record.nonce;
      this.#snapshot = undefined;
    }
    // The owner's opening may have been cut off; a snapshot needs nothing before it.
    if (record.kind === 'snapshot begin') this.#owner ??= record.nonce;
    if (record.nonce === this.#owner) this.#apply(record, contentBytes);
    else {
      this.#ignored++;
      this.#size.add(contentBytes);
    }
  }

  /** Skips a message that is not a record. */
  skip(contentBytes: number): void {
    this.#size.add(contentBytes);
  }

  /** After the last record: fills the window. */
  finish(): void {
    for (const identity of this.#identities) this.#handled.add(identity);
  }

  #handle(identities: readonly string[]): void {
    for (const identity of identities) this.#identities.push(identity);
    const surplus = this.#identities.length - this.#handled.limit;
    // Stryker disable next-line all: the window drops them anyway, this saves memory
    if (surplus > this.#handled.limit) this.#identities = this.#identities.slice(surplus);
  }

  #apply(record: ChangelogRecord<Value>, contentBytes: number): void {
    if (record.kind === 'snapshot begin') this.#begin(record.snapshot);
    this.#size.add(contentBytes);
    if (record.kind === 'snapshot end') this.#end(record.snapshot, record.parts);
    if (record.kind === 'snapshot part' && this.#snapshot?.id === record.snapshot) {
      this.#snapshot.parts.set(record.index, record);
    }
    if (record.kind === 'batch') {
      this.#store.apply(record.changes);
      this.#handle(record.handled);
      this.#crashes.acquit(record.handled);
      this.#lastOutgoing = record.outgoing;
    }
    if (record.kind === 'deaths') for (const [identity, count] of record.counts) this.#crashes.set(identity, count);
    if (record.kind === 'confirmed') this.#lastOutgoing = [];
  }

  #begin(id: string): void {
    this.#snapshot = { id, parts: new Map() };
    this.#size.snapshotBegins();
    // A snapshot is taken between batches, after the last one's confirms.
    this.#lastOutgoing = [];
  }

  #end(id: string, parts: number): void {
    const taken = this.#snapshot;
    this.#snapshot = undefined;
    if (taken?.id !== id || taken.parts.size !== parts) return;
    this.#store.clear();
    this.#identities = [];
    const inOrder = [...taken.parts.values()].sort((one, other) => one.index - other.index);
    for (const { entries, handled } of inOrder) {
      this.#store.apply(entries.map(([key, value]) => ({ key, value })));
      this.#handle(handled);
    }
    this.#whole = true;
    this.#size.snapshotEnds();
  }
}
