import { describe, expect, it } from 'vitest';
import { WorkerQueues } from '../../../../../infra/shop/web/worker-queues.js';
import { WORKER_QUEUES } from '../../../../../lib/shop/domain/topology.js';

const looked = (name: string, present = true) => ({ name, role: 'worker', present }) as const;

describe('the queues of workers', () => {
  it("are the shop's own, and those named that the broker has", () => {
    const queues = new WorkerQueues();
    expect(queues.toLookAt([])).toEqual(WORKER_QUEUES);
    expect(queues.toLookAt(['theirs', 'x'.repeat(256)])).toEqual(['theirs', ...WORKER_QUEUES]);
    expect(queues.has('theirs')).toBe(false);
    queues.looked([looked('theirs'), looked('none', false)]);
    expect([queues.has('theirs'), queues.has('none'), queues.has('worker01_queue')]).toEqual([true, false, true]);
    queues.looked([looked('theirs', false)]);
    expect(queues.has('theirs')).toBe(false);
  });

  it('are asked for again after the others, where they were not there', () => {
    const queues = new WorkerQueues();
    const names = Array.from({ length: 120 }, (_, n) => `q${n}`);
    const asked = () => {
      const now = queues.toLookAt(names).filter((name) => name.startsWith('q'));
      queues.looked(now.map((name) => looked(name, false)));
      return now;
    };
    const first = [...asked(), ...asked()];
    expect(new Set(first).size).toBe(100);
    const next = asked();
    expect(next).toHaveLength(50);
    expect(new Set([...first, ...next]).size).toBe(120);
  });
});

it('names that are not there take no more memory, however many come', () => {
  const queues = new WorkerQueues();
  const ask = (from: number) => {
    const names = Array.from({ length: 50 }, (_, n) => `q${from + n}`);
    queues.looked(names.map((name) => looked(name, false)));
    return names;
  };
  const first = ask(0);
  for (let round = 1; round <= 30; round++) ask(50 * round);
  const [others] = [ask(2_000)];
  // Once forgotten, the first ones are as new as any others: they come before those that are remembered.
  const asked = queues.toLookAt([...others, ...first]).filter((name) => name.startsWith('q'));
  expect(new Set(asked)).toEqual(new Set(first));
});
