import { beforeEach, describe, expect, it } from 'vitest';
import { type ChangelogRecord, encodeRecord } from '../../../../../lib/rabbitmq/changelog/changelog-record.js';
import { SigningKeys } from '../../../../../lib/rabbitmq/changelog/signature.js';
import { type Judgement, Verification } from '../../../../../lib/rabbitmq/changelog/verification.js';

const KEY = 'k'.repeat(32);
const OTHER_KEY = 'o'.repeat(32);
const STREAM = 'orders.changelog';

interface Entry {
  readonly record: ChangelogRecord<unknown>;
  readonly content: Buffer;
  readonly signature: string | undefined;
}

/** A changelog as its owners write it, one after the other. */
class Stream {
  readonly entries: Entry[] = [];
  readonly #keys: SigningKeys | undefined;
  #last = -1;

  constructor(key?: string) {
    this.#keys = key === undefined ? undefined : new SigningKeys(STREAM, [key]);
  }

  /** What a session writes: its opening, and this many records. */
  session(nonce: string, records: number): void {
    const opening = this.entries.length;
    this.#write({ kind: 'opening', nonce }, { opening: opening - 1, number: 0, after: -1 });
    const after = this.#last;
    for (let number = 1; number <= records; number++) {
      this.#write({ kind: 'confirmed', nonce }, { opening, number, after });
    }
    this.#last = records;
  }

  #write(record: ChangelogRecord<unknown>, place: { opening: number; number: number; after: number }): void {
    const content = encodeRecord(record);
    this.entries.push({ record, content, signature: this.#keys?.sign(content, place) });
  }
}

function judged(
  entries: readonly Entry[],
  { keys = [KEY], first = 0 }: { keys?: readonly string[] | 'none'; first?: number } = {},
) {
  const verification = new Verification(keys === 'none' ? undefined : new SigningKeys(STREAM, keys));
  const judgements = entries.map(({ record, content, signature }, index): Judgement => {
    return verification.judge({ offset: first + index, content, signature }, record);
  });
  return { judgements, verification };
}

let stream: Stream;
const at = (index: number): Entry => stream.entries.at(index) as Entry;

beforeEach(() => {
  stream = new Stream(KEY);
  stream.session('one', 3);
  stream.session('two', 2);
});

const genuine = (count: number) => Array<Judgement>(count).fill('genuine');

describe('records', () => {
  it('that are as they were written count, all of them', () => {
    const { judgements, verification } = judged(stream.entries);
    expect(judgements).toEqual(genuine(7));
    expect(verification.missing).toBe(0);
    expect(verification.last).toBe(2);
  });

  it('count with a new key before the old one, and not with another one', () => {
    expect(judged(stream.entries, { keys: [OTHER_KEY, KEY] }).judgements).toEqual(genuine(7));
    const { judgements, verification } = judged(stream.entries, { keys: [OTHER_KEY] });
    expect(new Set(judgements)).toEqual(new Set(['other key']));
    expect(verification.count('other key')).toBe(7);
  });

  it('count without a key, whatever they are, and it is known that they are signed', () => {
    const { judgements, verification } = judged(stream.entries, { keys: 'none' });
    expect(judgements).toEqual(genuine(7));
    expect(verification.signed).toBe(7);
  });

  it('that were written before there was a key count', () => {
    const before = new Stream();
    before.session('zero', 2);
    const late = new Stream(KEY);
    late.entries.push(...before.entries);
    late.session('one', 1);
    expect(judged(late.entries).judgements).toEqual(genuine(5));
  });

  it('that somebody has made up do not count: without a signature, with that of another record, of another stream, or none', () => {
    const { record, content } = at(-1);
    const elsewhere = new SigningKeys('bills.changelog', [KEY]);
    const signatures = [
      undefined,
      at(-3).signature,
      elsewhere.sign(content, { opening: 4, number: 3, after: 3 }),
      'nonsense',
      '',
    ];
    const forged = signatures.map((signature) => ({ record, content, signature }));
    const { judgements } = judged([...stream.entries, ...forged]);
    expect(judgements.slice(7)).toEqual(['unsigned', 'forged', 'forged', 'forged', 'forged']);
  });

  it('that were changed by a bit do not count, nor with a place of their own', () => {
    const { record, content, signature = '' } = at(-1);
    const changed = Buffer.from(content);
    changed[3] = (changed[3] ?? 0) ^ 1;
    const moved = signature.replace(/^(\w+\.\w+\.)\d+/, '$15');
    expect(moved).not.toBe(signature);
    const { judgements } = judged([
      ...stream.entries.slice(0, -1),
      { record, content: changed, signature },
      { record, content, signature: moved },
    ]);
    expect(judgements.slice(6)).toEqual(['forged', 'forged']);
  });

  it('that were copied count once: a record, an opening, a whole session, and one whose original was dropped', () => {
    const copies = [...stream.entries, at(2), at(0), at(5), ...stream.entries.slice(0, 4)];
    expect(judged(copies).judgements.slice(7)).toEqual(Array(7).fill('repeated'));
    const old = stream.entries.slice(0, 4);
    stream.session('three', 1);
    const cut = [...stream.entries.slice(4), ...old];
    const { judgements, verification } = judged(cut, { first: 4 });
    expect(judgements.slice(0, 5)).toEqual(genuine(5));
    // Its opening is refused, so what follows is not from the newest session.
    expect(judgements[5]).toBe('repeated');
    expect(verification.last).toBe(1);
  });

  it.each([
    ['one in the middle', [2], 1],
    ['two in a row', [1, 2], 2],
    ['the last of a session that others followed', [3], 1],
    ['those at the beginning, which retention drops', [0, 1], 0],
  ])('that were removed are missed: %s', (_, removed, missing) => {
    const cut = missing === 0 ? removed.length : 0;
    const left = stream.entries.filter((_, index) => !removed.includes(index));
    const { verification } = judged(left, { first: cut });
    expect(verification.missing).toBe(missing);
  });

  it('in another order do not count, or are missed', () => {
    const [opening, first, second, third, ...rest] = stream.entries as [Entry, Entry, Entry, Entry, ...Entry[]];
    const { judgements, verification } = judged([opening, second, first, third, ...rest]);
    expect(judgements).toEqual(['genuine', 'genuine', 'repeated', ...genuine(4)]);
    expect(verification.missing).toBe(1);
  });
});

it.each([[[]], [['short']], [[KEY, 'short']]])('keys that nobody could trust are refused: %j', (keys) => {
  expect(() => new SigningKeys(STREAM, keys)).toThrow(/key/);
});
