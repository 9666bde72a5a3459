import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { StagedStore } from '../../state/staged-store.js';
import { type Connection, FatalError } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { lastOffset } from '../consuming/stream-end.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { Exchanges } from '../publishing/exchanges.js';
import type { PublishContext } from '../publishing/publish-until-confirmed.js';
import { CrashCounts } from './crashes.js';
import { HandledWindow } from './handled-window.js';
import { type Identity, identityOf } from './identity.js';
import { type Decided, type Journal, RecordTooLargeError, type SortedBatch } from './journal.js';
import { Ownership } from './ownership.js';
import { RecordReader } from './record-reader.js';
import { RecordWriter } from './record-writer.js';
import { type QueueMemory, Recovery } from './recovery.js';
import { type RepeatContext, repeatOutgoing } from './repeat-outgoing.js';
import { LogSize, type Retention, retentionOf } from './retention.js';
import { type ChangelogSettings, DEFAULT_HANDLED_WINDOW, DEFAULT_RETENTION_BYTES } from './settings.js';
import { SigningKeys } from './signature.js';
import { sortDeliveries } from './sort-deliveries.js';
import { changelogOf, declareStream, readEntries } from './stream.js';
import { writeSnapshot } from './write-snapshot.js';

/** A cluster's nodes take longer to give up one of them: 3 s and more, with the shortest sensible net tick. */
const OWNED_LATELY_MS = 2_000;

/** The share of the maximum record size to aim for: messages of one queue vary a little. */
const LIKELY = 0.9;

export interface ChangelogParts<Value> extends PublishContext {
  readonly queue: string;
  readonly settings: ChangelogSettings;
  readonly connection: Connection;
  readonly exchanges: Exchanges;
  /** How long a record may take to come back, in milliseconds. */
  readonly confirmTimeoutMs: number;
  readonly store: StagedStore<Value>;
  /** What a message adds to a batch, in bytes. */
  readonly sizeOf: (delivery: ConsumeMessage) => number;
  /** How long messages of the last record that cannot be sent may delay the start, in milliseconds. */
  readonly outageMs: number;
  /** Sets such messages aside where people find them. Returns those that could not be. */
  readonly setAside: RepeatContext['setAside'];
  /** Called for each entry, or value in one, that is refused. */
  readonly onSkipped: () => void;
  /** The command with which a user with more rights declares the stream. */
  readonly declaredBy?: string | undefined;
}

/** A queue's memory, kept in the stream `<queue>.changelog`: one record per batch, and snapshots. */
export class Changelog<Value> implements Journal<Value> {
  readonly #parts: ChangelogParts<Value>;
  readonly #stream: string;
  readonly #retention: Retention;
  readonly #memory: QueueMemory<Value>;
  readonly #writer: RecordWriter<Value>;
  readonly #reader: RecordReader<Value>;
  readonly #keys: SigningKeys | undefined;
  readonly countsCrashes = true;
  #young = false;
  #unmarked = false;
  #ownership: Ownership | undefined;
  /** `performance.now()` from before the latest record was written. */
  #recordedAt = 0;
  /** The same for the latest record that is known to count. */
  #ownedAsOf = Number.NEGATIVE_INFINITY;
  #identities: ReadonlyMap<ConsumeMessage, Identity> = new Map();
  #suspects: readonly ConsumeMessage[] = [];
  mostBatchBytes = Number.POSITIVE_INFINITY;

  private constructor(parts: ChangelogParts<Value>, keys: SigningKeys | undefined) {
    const { queue, settings, store } = parts;
    this.#parts = parts;
    this.#keys = keys;
    this.#stream = changelogOf(queue);
    this.#retention = retentionOf(settings.retentionBytes ?? DEFAULT_RETENTION_BYTES);
    const handled = new HandledWindow(settings.handledWindow ?? DEFAULT_HANDLED_WINDOW);
    this.#memory = { store, handled, crashes: new CrashCounts(), size: new LogSize() };
    this.#writer = new RecordWriter(parts, this.#stream, this.#memory.size, keys);
    this.#reader = new RecordReader({
      stream: this.#stream,
      keys,
      isValue: settings.isValue,
      log: parts.log,
      onSkipped: parts.onSkipped,
    });
  }

  /** Declares the stream and changes nothing in it, because this may be a standby. @throws FatalError */
  static async open<Value>(parts: ChangelogParts<Value>): Promise<Changelog<Value>> {
    const { connection, queue, settings, declaredBy } = parts;
    const keys = settings.keys && (await signingKeys(changelogOf(queue), settings.keys));
    const changelog = new Changelog(parts, keys);
    changelog.#young = await declareStream(connection, changelog.#stream, changelog.#retention, declaredBy);
    return changelog;
  }

  get young(): boolean {
    return this.#young;
  }

  async recover(): Promise<void> {
    const { connection, onStep, log, signal } = this.#parts;
    const nonce = randomUUID();
    const openedAt = performance.now();
    const seen = this.#keys === undefined ? -1 : await lastOffset(connection, this.#stream, signal);
    await this.#writer.open(nonce, seen);
    onStep('opening written');
    const startedAt = performance.now();
    const recovery = await this.#read(nonce);
    this.#ownedAsOf = openedAt;
    log.info('changelog recovered', {
      code: 'changelog-recovered',
      stream: this.#stream,
      entries: this.#memory.store.size,
      handled: this.#memory.handled.size,
      ignored: recovery.ignored,
      skipped: this.#reader.skipped,
      repeated: recovery.unconfirmed.length,
      ms: Math.round(performance.now() - startedAt),
    });
    onStep('recovered');
    await repeatOutgoing(this.#parts, recovery.unconfirmed);
    this.#unmarked = recovery.unconfirmed.length > 0;
    onStep('outgoing repeated');
  }

  sort(deliveries: readonly ConsumeMessage[]): SortedBatch {
    const { identities, sorted } = sortDeliveries(deliveries, this.#memory.handled);
    this.#identities = identities;
    return sorted;
  }

  record({ accepted, changes, outgoing, handledElsewhere = [] }: Decided<Value>): EncodedMessage | undefined {
    if (accepted.length === 0 && changes.length === 0 && outgoing.length === 0) return undefined;
    const handled = [...handledElsewhere, ...this.#keysOf(accepted)];
    this.#recordedAt = performance.now();
    const record = this.#writer.message({ kind: 'batch', nonce: this.#writer.nonce, handled, changes, outgoing });
    this.#learnFrom(record, accepted);
    if (record.content.length > this.#retention.maxRecordBytes) {
      throw new RecordTooLargeError(
        `its changelog record has ${record.content.length} bytes, more than ${this.#retention.maxRecordBytes}`,
      );
    }
    return record;
  }

  /**
   * A batch whose record is too large is decided twice: the next ones are cut according to this record's size per byte of its
   * batch.
   */
  #learnFrom({ content }: EncodedMessage, deliveries: readonly ConsumeMessage[]): void {
    const { maxRecordBytes } = this.#retention;
    const isFar = content.length < maxRecordBytes / 4;
    const bytes = isFar ? 0 : deliveries.reduce((sum, delivery) => sum + this.#parts.sizeOf(delivery), 0);
    this.mostBatchBytes = bytes === 0 ? Number.POSITIVE_INFINITY : (LIKELY * bytes * maxRecordBytes) / content.length;
  }

  seal(record: EncodedMessage): EncodedMessage {
    return this.#writer.seal(record);
  }

  crashesOf(delivery: ConsumeMessage): number {
    return this.#memory.crashes.of(this.#keyOf(delivery));
  }

  async suspect(deliveries: readonly ConsumeMessage[]): Promise<void> {
    this.#suspects = deliveries;
    await this.#writeCrashes(deliveries, (count) => count + 1);
  }

  async acquit(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    await this.#writeCrashes(suspects, (count) => count - 1);
  }

  async forgetCrashes(deliveries: readonly ConsumeMessage[]): Promise<void> {
    await this.#writeCrashes(deliveries, () => 0);
  }

  async #writeCrashes(deliveries: readonly ConsumeMessage[], change: (count: number) => number): Promise<void> {
    if (deliveries.length === 0) return;
    const { crashes } = this.#memory;
    const counts = this.#keysOf(deliveries).map((key): [string, number] => [key, change(crashes.of(key))]);
    await this.#writer.publish({ kind: 'deaths', nonce: this.#writer.nonce, counts });
    for (const [key, count] of counts) crashes.set(key, count);
  }

  async proveOwnership(record?: EncodedMessage): Promise<void> {
    const proof = record ?? (await this.#mark());
    const asOf = this.#recordedAt;
    await this.#ownership?.prove(proof);
    this.#ownedAsOf = asOf;
  }

  get ownedLately(): boolean {
    return performance.now() - this.#ownedAsOf < OWNED_LATELY_MS;
  }

  newestHandled(share: number): readonly string[] {
    const { handled } = this.#memory;
    return [...handled].slice(-Math.max(1, Math.floor(handled.limit * share)));
  }

  confirmed({ accepted, outgoing, handledElsewhere = [] }: Decided<Value>, record: EncodedMessage | undefined): void {
    if (record === undefined) return;
    this.#unmarked = outgoing.length > 0;
    for (const key of handledElsewhere) this.#memory.handled.add(key);
    const keys = this.#keysOf(accepted);
    for (const key of keys) this.#memory.handled.add(key);
    this.#memory.crashes.acquit(keys);
    this.#memory.size.add(record.content.length);
  }

  get unmarked(): boolean {
    return this.#unmarked;
  }

  async markConfirmed(): Promise<void> {
    if (!this.#unmarked) return;
    await this.#mark();
    this.#parts.onStep('marked confirmed');
  }

  async #mark(): Promise<EncodedMessage> {
    this.#recordedAt = performance.now();
    const mark = await this.#writer.publish({ kind: 'confirmed', nonce: this.#writer.nonce });
    this.#unmarked = false;
    return mark;
  }

  async tidy(): Promise<void> {
    if (this.#memory.size.sinceSnapshot >= this.#retention.snapshotEveryBytes) await this.#writeSnapshot();
  }

  async #read(nonce: string): Promise<Recovery<Value>> {
    let recovery: Recovery<Value> | undefined;
    for await (const entry of readEntries(this.#parts.connection, this.#stream)) {
      recovery ??= new Recovery(this.#memory, offsetOf(entry) === 0);
      const { last } = this.#reader;
      const record = this.#reader.read(entry);
      if (record === undefined) recovery.skip(entry.content.length);
      else recovery.take(record, entry.content.length);
      if (record?.kind === 'opening' && record.nonce === nonce) {
        const { connection, confirmTimeoutMs } = this.#parts;
        const opening = offsetOf(entry);
        const isOurs = (later: ConsumeMessage) => this.#reader.isOurs(later, opening);
        const following = { nonce, from: opening + 1, patienceMs: confirmTimeoutMs, isOurs };
        this.#ownership = new Ownership(connection, this.#stream, following);
        this.#writer.begin(nonce, { opening, after: last });
        break;
      }
    }
    this.#reader.mustHaveTheKey();
    if (recovery?.whole !== true) {
      throw new FatalError(`${this.#stream} has lost its beginning and holds no complete snapshot: state is lost`);
    }
    this.#reader.tellOfMissing();
    recovery.finish();
    return recovery;
  }

  async #writeSnapshot(): Promise<void> {
    const { onStep, log } = this.#parts;
    await writeSnapshot(this.#memory, this.#retention, this.#writer, { stream: this.#stream, onStep, log });
    this.#unmarked = false;
    onStep('snapshot written');
  }

  #keysOf(deliveries: readonly ConsumeMessage[]): string[] {
    return deliveries.map((delivery) => this.#keyOf(delivery));
  }

  #keyOf(delivery: ConsumeMessage): string {
    return this.#identities.get(delivery)?.key ?? identityOf(delivery).key;
  }
}

/** @throws FatalError for a missing key, or one that is too short */
async function signingKeys(stream: string, keys: NonNullable<ChangelogSettings['keys']>): Promise<SigningKeys> {
  try {
    return new SigningKeys(stream, await keys());
  } catch (cause) {
    throw new FatalError((cause as Error).message, { cause });
  }
}
