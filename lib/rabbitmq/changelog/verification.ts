import type { ChangelogRecord } from './changelog-record.js';
import type { SigningKeys } from './signature.js';

/** An entry of a changelog, as far as its signature is concerned. */
export interface SignedEntry {
  readonly offset: number;
  readonly content: Uint8Array;
  /** Undefined if it has none. */
  readonly signature: string | undefined;
}

/** `repeated`: it was written twice, or someone has copied it. */
export type Judgement = 'genuine' | 'repeated' | 'unsigned' | 'forged' | 'other key';

interface Session {
  /** The number of its newest record. */
  last: number;
  /** The number of the last record before its opening; undefined if that is not known. */
  readonly after: number | undefined;
}

/**
 * Judges the records of a changelog in stream order. Records from before the first key count. After the first signed record, only
 * records count that are signed with one of our keys, once, and at their original position.
 */
export class Verification {
  readonly #keys: SigningKeys | undefined;
  readonly #sessions = new Map<string, Session>();
  #current: Session | undefined;
  #counts: Record<Judgement, number> = { genuine: 0, repeated: 0, unsigned: 0, forged: 0, 'other key': 0 };
  #signed = 0;
  /** The offset of the first entry. */
  #first: number | undefined;
  #missing = 0;

  constructor(keys: SigningKeys | undefined) {
    this.#keys = keys;
  }

  judge(entry: SignedEntry, record: ChangelogRecord<unknown>): Judgement {
    const judgement = this.#judge(entry, record);
    this.#counts[judgement]++;
    return judgement;
  }

  /** How many were judged this way. */
  count(judgement: Judgement): number {
    return this.#counts[judgement];
  }

  /** The number of records with a signature, valid or not. */
  get signed(): number {
    return this.#signed;
  }

  /** The number of records known to be missing between others. */
  get missing(): number {
    return this.#missing;
  }

  /** The number of the last record of the newest session that counts, -1 if there is none. */
  get last(): number {
    return this.#current?.last ?? -1;
  }

  #judge({ offset, content, signature }: SignedEntry, record: ChangelogRecord<unknown>): Judgement {
    this.#first ??= offset;
    if (signature !== undefined) this.#signed++;
    if (this.#keys === undefined) return 'genuine';
    if (signature === undefined) return this.#current === undefined ? 'genuine' : 'unsigned';
    const place = this.#keys.verify(content, signature);
    if (typeof place === 'string') return place;
    const session = this.#sessions.get(record.nonce);
    if (record.kind === 'opening') {
      // The original was dropped before the first entry.
      if (session !== undefined || place.opening < this.#first - 1) return 'repeated';
      const after = this.#current?.last ?? (offset === 0 ? -1 : undefined);
      this.#current = { last: 0, after };
      this.#sessions.set(record.nonce, this.#current);
      return 'genuine';
    }
    if (session === undefined) {
      // Its opening was dropped, along with everything before it. If it is not the first session here, it is not the newest.
      const cut = { last: place.number, after: undefined };
      this.#current ??= cut;
      this.#sessions.set(record.nonce, cut);
      return 'genuine';
    }
    if (place.number <= session.last) return 'repeated';
    this.#missing += place.number - session.last - 1;
    if (session.last === 0 && session.after !== undefined) this.#missing += Math.max(0, place.after - session.after);
    session.last = place.number;
    return 'genuine';
  }
}
