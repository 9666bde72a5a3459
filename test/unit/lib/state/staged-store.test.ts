import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LeasedStore } from '../../../../lib/state/leased-store.js';
import { StagedStore } from '../../../../lib/state/staged-store.js';

type Operation =
  | { readonly do: 'set'; readonly key: string; readonly value: number }
  | { readonly do: 'delete'; readonly key: string }
  | { readonly do: 'commit' }
  | { readonly do: 'rollback' };

const key = fc.constantFrom('a', 'b', 'c', '__proto__');
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, value: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  fc.constant({ do: 'commit' as const }),
  fc.constant({ do: 'rollback' as const }),
);

describe('a staged store', () => {
  it('holds what two plain maps would hold, whatever happens to it', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (history) => {
        const store = new StagedStore<number>();
        let committed = new Map<string, number>();
        let current = new Map<string, number>();
        for (const step of history) {
          if (step.do === 'set') {
            store.set(step.key, step.value);
            current.set(step.key, step.value);
          } else if (step.do === 'delete') {
            store.delete(step.key);
            current.delete(step.key);
          } else if (step.do === 'commit') {
            store.commit();
            committed = new Map(current);
          } else {
            store.rollback();
            current = new Map(committed);
          }
          expect(new Map(store.entries())).toEqual(current);
          expect([...store.entries()]).toHaveLength(current.size);
          expect(store.size).toBe(current.size);
        }
      }),
    );
  });

  it('can be rebuilt from its changes alone', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (history) => {
        const store = new StagedStore<number>();
        const replica = new StagedStore<number>();
        for (const step of history) {
          if (step.do === 'set') store.set(step.key, step.value);
          else if (step.do === 'delete') store.delete(step.key);
          else if (step.do === 'rollback') store.rollback();
          else {
            replica.apply(store.changes());
            store.commit();
          }
        }
        store.rollback();
        expect(new Map(replica.entries())).toEqual(new Map(store.entries()));
        expect(replica.size).toBe(store.size);
      }),
    );
  });

  it('refuses undefined and changes from outside a batch that runs', () => {
    const store = new StagedStore<number | undefined>();
    expect(() => store.set('a', undefined)).toThrow(TypeError);
    store.set('a', 1);
    expect(() => store.apply([])).toThrow('while a batch runs');
  });
});

describe('a lease', () => {
  it('ends: whoever kept the store cannot use it', () => {
    const store = new StagedStore<number>();
    const lease = new LeasedStore(store);
    lease.set('a', 1);
    lease.end();
    expect(() => lease.set('a', 2)).toThrow('its store is closed');
    expect(() => lease.size).toThrow('its store is closed');
    const { get } = lease;
    expect(() => get('a')).toThrow('its store is closed');
    expect(store.get('a')).toBe(1);
  });
});
