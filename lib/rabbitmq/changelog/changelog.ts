import { randomUUID } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import type { StagedStore } from '../../state/staged-store.js';
import { type Connection, FatalError } from '../connection/connection.js';
import type { Exchanges } from '../publishing/exchanges.js';
import { type Publishing, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import type { EncodedMessage } from '../publishing/publisher.js';
import { Deaths } from './deaths.js';
import { HandledWindow } from './handled-window.js';
import { type Identity, identityOf } from './identity.js';
import { type Decided, type Journal, RecordTooLargeError, type SortedBatch } from './journal.js';
import { type ChangelogRecord, decodeRecord, encodeRecord } from './record.js';
import { repeatOutgoing } from './repeat-outgoing.js';
import { type QueueMemory, Replay } from './replay.js';
import { LogSize, type Retention, recordBytes, refusal, retentionOf } from './retention.js';
import { snapshotParts } from './snapshot.js';
import { changelogOf, declareStream, readStream, type StreamEntry } from './stream.js';

export interface ChangelogSettings {
  /** What the stream may hold; a snapshot may take a quarter of it. Fixed once the stream exists. Default 512 MiB. */
  readonly retentionBytes?: number;
  /** How many of the newest identities are remembered. Default 100,000. */
  readonly handledWindow?: number;
}

const DEFAULT_RETENTION_BYTES = 512 * 1024 * 1024;
const DEFAULT_HANDLED_WINDOW = 100_000;

export interface ChangelogParts<Value> extends Publishing {
  readonly queue: string;
  readonly settings: ChangelogSettings;
  readonly connection: Connection;
  readonly exchanges: Exchanges;
  readonly store: StagedStore<Value>;
}

/** A queue's memory, kept in the stream `<queue>.changelog`: one record per batch, and snapshots. */
export class Changelog<Value> implements Journal<Value> {
  readonly #parts: ChangelogParts<Value>;
  readonly #stream: string;
  readonly #retention: Retention;
  readonly #memory: QueueMemory<Value>;
  readonly countsDeaths = true;
  #young = false;
  /** What this session calls itself in the stream. */
  #ownNonce: string | undefined;
  #written = 0;
  #unmarked = false;
  #identities: ReadonlyMap<ConsumeMessage, Identity> = new Map();
  #suspects: readonly ConsumeMessage[] = [];

  private constructor(parts: ChangelogParts<Value>) {
    const { queue, settings, store } = parts;
    this.#parts = parts;
    this.#stream = changelogOf(queue);
    this.#retention = retentionOf(settings.retentionBytes ?? DEFAULT_RETENTION_BYTES);
    const handled = new HandledWindow(settings.handledWindow ?? DEFAULT_HANDLED_WINDOW);
    this.#memory = { store, handled, deaths: new Deaths(), size: new LogSize() };
  }

  /** Declares the stream and touches nothing in it: this may be a standby. @throws FatalError */
  static async open<Value>(parts: ChangelogParts<Value>): Promise<Changelog<Value>> {
    const changelog = new Changelog(parts);
    changelog.#young = await declareStream(parts.connection, changelog.#stream, changelog.#retention);
    return changelog;
  }

  get young(): boolean {
    return this.#young;
  }

  async recover(): Promise<void> {
    const { onStep, log } = this.#parts;
    const nonce = randomUUID();
    await this.#publish({ kind: 'opening', nonce });
    onStep('opening written');
    const startedAt = performance.now();
    const replay = await this.#replay(nonce);
    log.info('changelog replayed', {
      stream: this.#stream,
      entries: this.#memory.store.size,
      handled: this.#memory.handled.size,
      ignored: replay.ignored,
      repeated: replay.unconfirmed.length,
      ms: Math.round(performance.now() - startedAt),
    });
    onStep('replayed');
    await repeatOutgoing(this.#parts, replay.unconfirmed);
    this.#unmarked = replay.unconfirmed.length > 0;
    onStep('outgoing repeated');
  }

  sort(deliveries: readonly ConsumeMessage[]): SortedBatch {
    const { handled } = this.#memory;
    const identities = new Map<ConsumeMessage, Identity>();
    const firsts = new Map<string, ConsumeMessage>();
    const fresh: ConsumeMessage[] = [];
    const repeated: ConsumeMessage[] = [];
    const copies = new Map<ConsumeMessage, ConsumeMessage[]>();
    for (const delivery of deliveries) {
      const identity = identityOf(delivery);
      identities.set(delivery, identity);
      const { key, comparable } = identity;
      const first = comparable ? firsts.get(key) : undefined;
      if (comparable && handled.has(key)) repeated.push(delivery);
      else if (first !== undefined) copies.set(first, [...(copies.get(first) ?? []), delivery]);
      else {
        firsts.set(key, delivery);
        fresh.push(delivery);
      }
    }
    this.#identities = identities;
    return { fresh, repeated, copies };
  }

  record({ accepted, changes, outgoing }: Decided<Value>): EncodedMessage | undefined {
    if (accepted.length === 0 && changes.length === 0 && outgoing.length === 0) return undefined;
    const handled = this.#keysOf(accepted);
    const record = this.#message({ kind: 'batch', nonce: this.#nonce(), handled, changes, outgoing });
    if (record.content.length > this.#retention.maxRecordBytes) {
      throw new RecordTooLargeError(
        `its changelog record has ${record.content.length} bytes, more than ${this.#retention.maxRecordBytes}`,
      );
    }
    return record;
  }

  deathsOf(delivery: ConsumeMessage): number {
    return this.#memory.deaths.of(this.#keyOf(delivery));
  }

  async suspect(deliveries: readonly ConsumeMessage[]): Promise<void> {
    this.#suspects = deliveries;
    await this.#writeDeaths(deliveries, (count) => count + 1);
  }

  async acquit(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    await this.#writeDeaths(suspects, (count) => count - 1);
  }

  async forgetDeaths(deliveries: readonly ConsumeMessage[]): Promise<void> {
    await this.#writeDeaths(deliveries, () => 0);
  }

  async #writeDeaths(deliveries: readonly ConsumeMessage[], change: (count: number) => number): Promise<void> {
    if (deliveries.length === 0) return;
    const { deaths } = this.#memory;
    const counts = this.#keysOf(deliveries).map((key): [string, number] => [key, change(deaths.of(key))]);
    await this.#publish({ kind: 'deaths', nonce: this.#nonce(), counts });
    for (const [key, count] of counts) deaths.set(key, count);
  }

  confirmed({ accepted, outgoing }: Decided<Value>, record: EncodedMessage | undefined): void {
    if (record === undefined) return;
    this.#unmarked = outgoing.length > 0;
    for (const key of this.#keysOf(accepted)) {
      this.#memory.handled.add(key);
      this.#memory.deaths.set(key, 0);
    }
    this.#memory.size.add(record.content.length);
  }

  get unmarked(): boolean {
    return this.#unmarked;
  }

  async markConfirmed(): Promise<void> {
    if (!this.#unmarked) return;
    await this.#publish({ kind: 'confirmed', nonce: this.#nonce() });
    this.#unmarked = false;
    this.#parts.onStep('marked confirmed');
  }

  async tidy(): Promise<void> {
    if (this.#memory.size.sinceSnapshot >= this.#retention.snapshotEveryBytes) await this.#writeSnapshot();
  }

  async #replay(nonce: string): Promise<Replay<Value>> {
    let replay: Replay<Value> | undefined;
    await readStream(this.#parts.connection, this.#stream, 'first', (entry) => {
      replay ??= new Replay(this.#memory, entry.offset === 0);
      const record = this.#decode(entry);
      if (record === undefined) replay.skip(entry.content.length);
      else replay.take(record, entry.content.length);
      if (record?.kind !== 'opening' || record.nonce !== nonce) return false;
      this.#ownNonce = nonce;
      return true;
    });
    if (replay?.whole !== true) {
      throw new FatalError(`${this.#stream} has lost its beginning and holds no complete snapshot: state is lost`);
    }
    replay.finish();
    return replay;
  }

  #decode({ content, offset }: StreamEntry): ChangelogRecord<Value> | undefined {
    try {
      return decodeRecord<Value>(content);
    } catch (error) {
      this.#parts.log.error('skipped a changelog entry that is not a record', { stream: this.#stream, offset, error });
      return undefined;
    }
  }

  async #writeSnapshot(): Promise<void> {
    const { onStep, log } = this.#parts;
    const { size } = this.#memory;
    const id = randomUUID();
    const nonce = this.#nonce();
    const startedAt = performance.now();
    let bytes = 0;
    for (const part of this.#snapshotRecords(id)) bytes += recordBytes(encodeRecord(part).length);
    const reason = refusal(this.#retention, size, bytes);
    if (reason !== undefined) throw new FatalError(`${this.#stream}: ${reason}. Nothing is dropped yet`);
    size.snapshotBegins();
    await this.#publish({ kind: 'snapshot begin', nonce, snapshot: id });
    onStep('snapshot begun');
    let parts = 0;
    for (const part of this.#snapshotRecords(id)) {
      await this.#publish(part);
      parts++;
    }
    await this.#publish({ kind: 'snapshot end', nonce, snapshot: id, parts });
    size.snapshotEnds();
    this.#unmarked = false;
    onStep('snapshot written');
    const ms = Math.round(performance.now() - startedAt);
    log.info('snapshot written', { stream: this.#stream, parts, bytes, ms });
  }

  *#snapshotRecords(snapshot: string): Generator<ChangelogRecord<Value>> {
    const { store, handled } = this.#memory;
    for (const part of snapshotParts(store, handled, this.#retention.maxPartBytes)) {
      yield { kind: 'snapshot part', nonce: this.#nonce(), snapshot, ...part };
    }
  }

  async #publish(record: ChangelogRecord<Value>): Promise<void> {
    const message = this.#message(record);
    await publishUntilConfirmed(this.#parts, [message]);
    this.#memory.size.add(message.content.length);
  }

  #message(record: ChangelogRecord<Value>): EncodedMessage {
    return {
      exchange: '',
      routingKey: this.#stream,
      content: encodeRecord(record),
      messageId: `${record.nonce}.${this.#written++}`,
      mustRoute: true,
      properties: { persistent: true, contentType: 'application/json', type: record.kind },
    };
  }

  #nonce(): string {
    if (this.#ownNonce === undefined) throw new Error('a record before the opening');
    return this.#ownNonce;
  }

  #keysOf(deliveries: readonly ConsumeMessage[]): string[] {
    return deliveries.map((delivery) => this.#keyOf(delivery));
  }

  #keyOf(delivery: ConsumeMessage): string {
    return this.#identities.get(delivery)?.key ?? identityOf(delivery).key;
  }
}
