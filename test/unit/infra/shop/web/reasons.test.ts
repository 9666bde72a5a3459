import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Reasons } from '../../../../../infra/shop/web/reasons.js';
import type { LogEntry } from '../../../../../lib/dead-letters/log-entry.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const open = new AbortController().signal;
const entry = (id: string, kind: LogEntry['kind'] = 'rejected'): LogEntry => ({
  kind,
  id,
  at: '',
  reason: `reason of ${id}`,
});

/** Whether it resolves before the next reason comes and before any time passes. */
async function isOver(waiting: Promise<void>): Promise<boolean> {
  let over = false;
  void waiting.then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

describe('reasons', () => {
  it('are waited for until the last is told', async () => {
    const reasons = new Reasons();
    const waiting = reasons.awaited(['a', 'b'], open);
    reasons.tell([entry('b')]);
    expect(await isOver(waiting)).toBe(false);
    reasons.tell([entry('a')]);
    expect(await isOver(waiting)).toBe(true);
    expect([reasons.of('a'), reasons.of('b'), reasons.of('c')]).toEqual(['reason of a', 'reason of b', undefined]);
  });

  it('are waited for a second only, and not again where nobody writes any down', async () => {
    const reasons = new Reasons();
    const waiting = reasons.awaited(['a'], open);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await isOver(waiting)).toBe(true);
    expect(await isOver(reasons.awaited(['b'], open))).toBe(true);
    reasons.tell([entry('other')]);
    expect(await isOver(reasons.awaited(['c'], open))).toBe(false);
  });

  it('are those of rejections, not what people did later', () => {
    const reasons = new Reasons();
    reasons.tell([entry('a'), { ...entry('a', 'redriven'), reason: 'sent back' }]);
    expect(reasons.of('a')).toBe('reason of a');
  });

  it('are bounded in number', () => {
    const reasons = new Reasons();
    reasons.tell(Array.from({ length: 60_000 }, (_, index) => entry(String(index))));
    expect(reasons.of('9999')).toBeUndefined();
    expect(reasons.of('10000')).toBe('reason of 10000');
  });
});
