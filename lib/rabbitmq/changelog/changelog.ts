import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { StagedStore } from '../../state/staged-store.js';
import type { Connection } from '../connection/connection.js';
import { lastOffset } from '../consuming/stream-end.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { Exchanges } from '../publishing/exchanges.js';
import type { PublishContext } from '../publishing/publish-until-confirmed.js';
import { BatchIdentities } from './batch-identities.js';
import { CrashRecords } from './crash-records.js';
import { CrashCounts } from './crashes.js';
import { HandledWindow } from './handled-window.js';
import { type Decided, type Journal, RecordTooLargeError, type SortedBatch } from './journal.js';
import type { Ownership } from './ownership.js';
import { readMemory } from './read-memory.js';
import { RecordReader } from './record-reader.js';
import { RecordWriter } from './record-writer.js';
import type { QueueMemory } from './recovery.js';
import { type RepeatContext, repeatOutgoing } from './repeat-outgoing.js';
import { batchBytesThatFit, LogSize, type Retention, retentionOf } from './retention.js';
import type { ChangelogSettings } from './settings.js';
import { type SigningKeys, signingKeys } from './signature.js';
import { changelogOf, declareStream } from './stream.js';
import { writeSnapshot } from './write-snapshot.js';

/** A cluster's nodes take longer to give up one of them: 3 s and more, with the shortest sensible net tick. */
const OWNED_LATELY_MS = 2_000;

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
  readonly #identities = new BatchIdentities();
  readonly crashes: CrashRecords<Value>;
  readonly young: boolean;
  #unmarked = false;
  #ownership: Ownership | undefined;
  /** `performance.now()` from before the latest record was written. */
  #recordedAt = 0;
  /** The same for the latest record that is known to count. */
  #ownedAsOf = Number.NEGATIVE_INFINITY;
  mostBatchBytes = Number.POSITIVE_INFINITY;

  private constructor(parts: ChangelogParts<Value>, keys: SigningKeys | undefined, young: boolean) {
    const { queue, settings, store } = parts;
    this.#parts = parts;
    this.#keys = keys;
    this.young = young;
    this.#stream = changelogOf(queue);
    this.#retention = retentionOf(settings.retentionBytes);
    const handled = new HandledWindow(settings.handledWindow);
    this.#memory = { store, handled, crashes: new CrashCounts(), size: new LogSize() };
    this.#writer = new RecordWriter(parts, this.#stream, this.#memory.size, keys);
    this.crashes = new CrashRecords(this.#writer, this.#memory.crashes, this.#identities);
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
    const stream = changelogOf(queue);
    const keys = settings.keys && (await signingKeys(stream, settings.keys));
    const young = await declareStream(connection, stream, retentionOf(settings.retentionBytes), declaredBy);
    return new Changelog(parts, keys, young);
  }

  async recover(): Promise<void> {
    const { connection, confirmTimeoutMs, onStep, log, signal } = this.#parts;
    const [stream, memory, reader, writer] = [this.#stream, this.#memory, this.#reader, this.#writer];
    const nonce = randomUUID();
    const openedAt = performance.now();
    const seen = this.#keys === undefined ? -1 : await lastOffset(connection, stream, signal);
    await writer.open(nonce, seen);
    onStep('opening written');
    const startedAt = performance.now();
    const reading = { connection, stream, memory, reader, writer, confirmTimeoutMs };
    const { recovery, ownership } = await readMemory(reading, nonce);
    this.#ownership = ownership;
    this.#ownedAsOf = openedAt;
    log.info('changelog recovered', {
      code: 'changelog-recovered',
      stream,
      entries: memory.store.size,
      handled: memory.handled.size,
      ignored: recovery.ignored,
      skipped: reader.skipped,
      repeated: recovery.unconfirmed.length,
      ms: Math.round(performance.now() - startedAt),
    });
    onStep('recovered');
    await repeatOutgoing(this.#parts, recovery.unconfirmed);
    this.#unmarked = recovery.unconfirmed.length > 0;
    onStep('outgoing repeated');
  }

  sort(deliveries: readonly ConsumeMessage[]): SortedBatch {
    return this.#identities.sort(deliveries, this.#memory.handled);
  }

  record({ accepted, changes, outgoing, handledElsewhere = [] }: Decided<Value>): EncodedMessage | undefined {
    if (accepted.length === 0 && changes.length === 0 && outgoing.length === 0) return undefined;
    const handled = [...handledElsewhere, ...this.#identities.keysOf(accepted)];
    this.#recordedAt = performance.now();
    const record = this.#writer.message({ kind: 'batch', nonce: this.#writer.nonce, handled, changes, outgoing });
    const bytesOf = () => accepted.reduce((sum, delivery) => sum + this.#parts.sizeOf(delivery), 0);
    this.mostBatchBytes = batchBytesThatFit(this.#retention, record.content.length, bytesOf);
    if (record.content.length > this.#retention.maxRecordBytes) {
      throw new RecordTooLargeError(
        `its changelog record has ${record.content.length} bytes, more than ${this.#retention.maxRecordBytes}`,
      );
    }
    return record;
  }

  seal(record: EncodedMessage): EncodedMessage {
    return this.#writer.seal(record);
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
    return this.#memory.handled.newest(share);
  }

  confirmed({ accepted, outgoing, handledElsewhere = [] }: Decided<Value>, record: EncodedMessage | undefined): void {
    if (record === undefined) return;
    this.#unmarked = outgoing.length > 0;
    for (const key of handledElsewhere) this.#memory.handled.add(key);
    const keys = this.#identities.keysOf(accepted);
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
    if (this.#memory.size.sinceSnapshot < this.#retention.snapshotEveryBytes) return;
    const { onStep, log } = this.#parts;
    await writeSnapshot(this.#memory, this.#retention, this.#writer, { stream: this.#stream, onStep, log });
    this.#unmarked = false;
    onStep('snapshot written');
  }
}
