import { describe, expect, it } from 'vitest';
import { InvocationWatch } from '../../../../../lib/rabbitmq/observing/invocation-watch.js';

function watching() {
  const told: string[] = [];
  let now = 0;
  const watch = new InvocationWatch({ queue: 'queue', tell: ({ requestId }) => told.push(requestId), now: () => now });
  return {
    told,
    pass: (ms: number) => {
      now += ms;
    },
    run: (requestId: string) => {
      watch.begins(requestId, []);
      watch.returned();
      watch.settled();
    },
    watch,
  };
}

describe('of invocations', () => {
  it('twenty are told of at once, and five more in each second', () => {
    const { told, pass, run } = watching();
    for (let n = 0; n < 30; n++) run(`first ${n}`);
    expect(told).toHaveLength(20);
    pass(1_000);
    for (let n = 0; n < 30; n++) run(`second ${n}`);
    expect(told.slice(20)).toEqual([0, 1, 2, 3, 4].map((n) => `second ${n}`));
    pass(3_600_000);
    for (let n = 0; n < 30; n++) run(`later ${n}`);
    expect(told).toHaveLength(45);
  });

  it('one that came to no end is forgotten, and one that has ended is told of once', () => {
    const { told, run, watch } = watching();
    watch.begins('thrown away', []);
    watch.returned();
    run('one');
    watch.settled();
    watch.failed(new Error('late'));
    expect(told).toEqual(['one']);
  });
});
