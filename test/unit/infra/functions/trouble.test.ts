import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { troubleLines } from '../../../../infra/functions/trouble.js';

let lines: string[];
const print = {
  notice: (text: string) => lines.push(`notice ${text}`),
  warning: (text: string) => lines.push(`warning ${text}`),
  error: (text: string) => lines.push(`error ${text}`),
};

beforeEach(() => {
  lines = [];
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const LOST = { level: 'warning', text: 'lost' } as const;

describe('what several queues complain about', () => {
  it('is one line where it is the same, and names three of them', () => {
    const troubles = troubleLines(print);
    for (const queue of ['a', 'b', 'a', 'c', 'd']) troubles.add(queue, LOST);
    troubles.add('e', { level: 'error', text: 'odd' });
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(lines).toEqual(['warning a, b, c and 1 more: lost', 'error e: odd']);
  });

  it('is said again after ten seconds where it goes on, and never where it does not', () => {
    const troubles = troubleLines(print);
    troubles.add('a', LOST);
    vi.advanceTimersByTime(500);
    for (let n = 0; n < 50; n++) {
      troubles.add('a', LOST);
      vi.advanceTimersByTime(100);
    }
    expect(lines).toHaveLength(1);
    vi.advanceTimersByTime(5_000);
    expect(lines).toEqual(['warning a: lost', 'warning a: lost']);
    vi.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
    troubles.add('a', LOST);
    vi.advanceTimersByTime(500);
    expect(lines).toHaveLength(3);
  });

  it('is not lost at the end', () => {
    const troubles = troubleLines(print);
    troubles.add('a', LOST);
    troubles.flush();
    troubles.flush();
    expect(lines).toEqual(['warning a: lost']);
  });
});
