import { describe, expect, it } from 'vitest';
import { oneAtATime } from '../../../../../lib/lambda/runtime/turns.js';

describe('turns', () => {
  it('come one at a time, in the order of asking, and go on after a failure', async () => {
    const turn = oneAtATime();
    const events: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        events.push(`${name} begins`);
        await new Promise(setImmediate);
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([turn(work('a')), turn(work('b', true)), turn(work('c'))]);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results).toEqual([
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: new Error('b') },
      { status: 'fulfilled', value: 'c' },
    ]);
  });
});
