import type { ConsumeMessage } from 'amqplib';
import { FatalError } from '../connection/fatal-error.js';
import { offsetOf } from '../connection/stream-offset.js';
import type { AdapterLog } from '../log.js';
import { type ChangelogRecord, decodeRecord } from './changelog-record.js';
import { SIGNATURE, type SigningKeys } from './signature.js';
import { type SignedEntry, Verification } from './verification.js';

export interface ReadingOptions {
  readonly stream: string;
  readonly keys: SigningKeys | undefined;
  /** Undefined: every value is accepted. */
  readonly isValue: ((value: unknown) => boolean) | undefined;
  readonly log: AdapterLog;
  /** Called for each entry, or value in one, that is refused. */
  readonly onSkipped: () => void;
}

/** The number of entries that are reported individually; the line about the recovery counts all. */
const SKIPPED_TOLD = 10;

const WHY_SKIPPED = {
  unsigned: 'it is not signed, and others before it are',
  forged: 'its signature does not match it: it is forged',
  'other key': 'it is signed with a key that this runner does not have',
};

/** Reads the trustworthy entries of a changelog, in order, and reports the others. */
export class RecordReader<Value> {
  readonly #reading: ReadingOptions;
  readonly #verification: Verification;
  #skipped = 0;

  constructor(reading: ReadingOptions) {
    this.#reading = reading;
    this.#verification = new Verification(reading.keys);
  }

  /** Entries, and values in them, that were refused. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The number of the last record of the newest session, -1 if there is none. */
  get last(): number {
    return this.#verification.last;
  }

  /** The record in an entry; undefined if it is not a record, or not one of ours. */
  read(entry: ConsumeMessage): ChangelogRecord<Value> | undefined {
    try {
      const record = decodeRecord<Value>(entry.content);
      const judgement = this.#verification.judge(signedEntry(entry), record);
      if (judgement === 'genuine') return this.#withValues(record, entry);
      if (judgement !== 'repeated') this.#skip(entry, WHY_SKIPPED[judgement]);
    } catch (error) {
      this.#skip(entry, (error as Error).message);
    }
    return undefined;
  }

  /**
   * Whether an entry that arrives now belongs to the session whose opening has this offset, or is the opening of another runner
   * of ours.
   */
  isOurs(entry: ConsumeMessage, opening: number): boolean {
    const { keys } = this.#reading;
    if (keys === undefined) return true;
    if (entry.properties.type === 'opening') return this.read(entry) !== undefined;
    const { content, signature } = signedEntry(entry);
    const place = signature === undefined ? undefined : keys.verify(content, signature);
    if (typeof place === 'object') return place.opening === opening;
    this.#skip(entry, WHY_SKIPPED[place ?? 'unsigned']);
    return false;
  }

  /** @throws FatalError if a missing key makes it impossible to know what was remembered */
  mustHaveTheKey(): void {
    const { stream, keys } = this.#reading;
    const verified = this.#verification;
    if (keys === undefined && verified.signed > 0) {
      throw new FatalError(`${stream} is signed and cannot be verified without its key. Give this runner the key`);
    }
    // A session's own opening is always genuine.
    if (verified.count('other key') > 0 && verified.count('genuine') <= 1) {
      throw new FatalError(`${stream} is signed with a key that this runner does not have: give it that key, too`);
    }
  }

  tellOfMissing(): void {
    const { missing } = this.#verification;
    const { stream, log } = this.#reading;
    if (missing === 0) return;
    log.error('records are missing, or were written in a different order', {
      code: 'changelog-gap',
      stream,
      missing,
    });
  }

  #withValues(record: ChangelogRecord<Value>, entry: ConsumeMessage): ChangelogRecord<Value> {
    const { isValue } = this.#reading;
    if (isValue === undefined) return record;
    const isGood = (key: string, value: unknown): boolean => {
      if (isValue(value)) return true;
      this.#skip(entry, `no handler can have stored the value of ${JSON.stringify(key)}`);
      return false;
    };
    if (record.kind === 'batch') {
      const changes = record.changes.filter(({ key, value }) => value === undefined || isGood(key, value));
      return changes.length === record.changes.length ? record : { ...record, changes };
    }
    if (record.kind === 'snapshot part') {
      const entries = record.entries.filter(([key, value]) => isGood(key, value));
      return entries.length === record.entries.length ? record : { ...record, entries };
    }
    return record;
  }

  #skip(entry: ConsumeMessage, why: string): void {
    const { stream, log, onSkipped } = this.#reading;
    onSkipped();
    if (++this.#skipped > SKIPPED_TOLD) return;
    const details = { code: 'changelog-entry-skipped' as const, stream, offset: offsetOf(entry), why };
    log.error('skipped an entry that is not a record, or not one of ours', details);
  }
}

function signedEntry(entry: ConsumeMessage): SignedEntry {
  const signature: unknown = entry.properties.headers?.[SIGNATURE];
  const { content } = entry;
  return { offset: offsetOf(entry), content, signature: typeof signature === 'string' ? signature : undefined };
}
