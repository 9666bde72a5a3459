import { describe, expect, it } from 'vitest';
import {
  decodeRescaleRecord,
  encodeRescaleRecord,
  type RescaleRecord,
} from '../../../../../lib/rabbitmq/rescale/rescale-record.js';
import { afterRecord, isMember, NOTHING_YET } from '../../../../../lib/rabbitmq/rescale/rescale-state.js';

const ring = (...queues: readonly string[]) => queues.map((queue) => ({ queue, weight: 1 }));
const step = (epoch: number, from: readonly string[], to: readonly string[], goal = to): RescaleRecord => ({
  kind: 'step',
  epoch,
  from: ring(...from),
  to: ring(...to),
  goal: ring(...goal),
});
const gave = (epoch: number, queue: string, entries = {}): RescaleRecord => ({ kind: 'gave', epoch, queue, entries });
const took = (epoch: number, queue: string, entries = 0): RescaleRecord => ({ kind: 'took', epoch, queue, entries });
const folded = (...records: readonly RescaleRecord[]) => records.reduce(afterRecord, NOTHING_YET);

const TWO = [step(1, [], ['a']), took(1, 'a'), step(2, ['a'], ['a', 'b']), gave(2, 'a'), took(2, 'b')];

describe('what the records of a rescale amount to', () => {
  it('a step is finished when all have given and all have taken, in any order', () => {
    expect(folded(...TWO)).toMatchObject({ epoch: 2, ring: ring('a', 'b'), step: undefined });
    const begun = folded(...TWO, step(3, ['a', 'b'], ['a', 'b', 'c']));
    expect(begun).toMatchObject({ epoch: 3, ring: ring('a', 'b'), step: { givers: ['a', 'b'], takers: ['c'] } });
    const some = [gave(3, 'b', { c: 2 }), took(3, 'c', 5)].reduce(afterRecord, begun);
    expect(some.step).toBeDefined();
    expect(afterRecord(some, gave(3, 'a', { c: 3 }))).toMatchObject({ ring: ring('a', 'b', 'c'), moved: 5 });
  });

  it('of two steps that begin at once the first counts, and what belongs to none counts for nothing', () => {
    const begun = folded(...TWO, step(3, ['a', 'b'], ['a', 'b', 'c']));
    for (const late of [
      step(3, ['a', 'b'], ['a', 'b', 'd']),
      step(4, ['a', 'b'], ['a', 'b', 'd']),
      gave(2, 'a'),
      gave(3, 'c'),
      took(3, 'a'),
      { kind: 'found', epoch: 4, ring: ring('z') } as const,
    ]) {
      expect(afterRecord(begun, late)).toBe(begun);
    }
    const rest = folded(...TWO);
    expect(afterRecord(rest, step(3, ['a'], ['a', 'c']))).toBe(rest);
    expect(afterRecord(rest, step(5, ['a', 'b'], ['a']))).toBe(rest);
  });

  it('a queue that was taken out is remembered until it is back', () => {
    const out = folded(...TWO, step(3, ['a', 'b'], ['a']), gave(3, 'b', { a: 1 }), took(3, 'a', 1));
    expect([...out.left]).toEqual(['b']);
    expect(isMember(out, 'b')).toBe(false);
    const back = [step(4, ['a'], ['a', 'b']), gave(4, 'a'), took(4, 'b')].reduce(afterRecord, out);
    expect([...back.left]).toEqual([]);
  });

  it('a queue on its way is a member: in the ring, in the step, or in what it leads to', () => {
    const begun = folded(...TWO, step(3, ['a', 'b'], ['a'], ['a', 'aa', 'b']));
    expect(['a', 'aa', 'b', 'c'].map((queue) => isMember(begun, queue))).toEqual([true, true, true, false]);
  });

  it('where the beginning is cut off, the first record that tells the ring has to do', () => {
    expect(folded({ kind: 'mark', epoch: 7, ring: ring('a', 'b') })).toMatchObject({ epoch: 7, ring: ring('a', 'b') });
    expect(folded({ kind: 'mark' }, step(9, ['a'], ['a', 'b']))).toMatchObject({ epoch: 9, ring: ring('a') });
    expect(folded(...TWO, { kind: 'mark', epoch: 7, ring: ring('z') })).toMatchObject({ ring: ring('a', 'b') });
  });
});

it('a record comes back as it was written; anything else is none', () => {
  const record = step(3, ['a'], ['a', 'b']);
  expect(decodeRescaleRecord(encodeRescaleRecord(record))).toMatchObject(record);
  for (const text of ['', '[]', '{"v":2,"kind":"mark"}', '{"v":1,"kind":"step","epoch":0}', '{"v":1,"kind":"took"}']) {
    expect(decodeRescaleRecord(Buffer.from(text)), text).toBeUndefined();
  }
});
