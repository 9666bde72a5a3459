import type { ConsumeMessage } from 'amqplib';
import type { BatchIdentities } from './batch-identities.js';
import type { CrashCounts } from './crashes.js';
import type { CrashJournal } from './journal.js';
import type { RecordWriter } from './record-writer.js';

/** Writes down which messages are to blame if the process ends now, and clears them again. */
export class CrashRecords<Value> implements CrashJournal {
  readonly #writer: RecordWriter<Value>;
  readonly #crashes: CrashCounts;
  readonly #identities: BatchIdentities;
  #suspects: readonly ConsumeMessage[] = [];

  constructor(writer: RecordWriter<Value>, crashes: CrashCounts, identities: BatchIdentities) {
    this.#writer = writer;
    this.#crashes = crashes;
    this.#identities = identities;
  }

  of(delivery: ConsumeMessage): number {
    return this.#crashes.of(this.#identities.keyOf(delivery));
  }

  async suspect(deliveries: readonly ConsumeMessage[]): Promise<void> {
    this.#suspects = deliveries;
    await this.#write(deliveries, (count) => count + 1);
  }

  async acquit(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    await this.#write(suspects, (count) => count - 1);
  }

  async forget(deliveries: readonly ConsumeMessage[]): Promise<void> {
    await this.#write(deliveries, () => 0);
  }

  async #write(deliveries: readonly ConsumeMessage[], change: (count: number) => number): Promise<void> {
    if (deliveries.length === 0) return;
    const keys = this.#identities.keysOf(deliveries);
    const counts = keys.map((key): [string, number] => [key, change(this.#crashes.of(key))]);
    await this.#writer.publish({ kind: 'deaths', nonce: this.#writer.nonce, counts });
    for (const [key, count] of counts) this.#crashes.set(key, count);
  }
}
