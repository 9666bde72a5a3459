import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { drawDeadLetters } from '../../../../infra/commands/dead-letters-table.js';
import { drawDeviations } from '../../../../infra/commands/deviations-table.js';
import { drawFindings } from '../../../../infra/commands/findings-table.js';
import { drawPlayed } from '../../../../infra/shop/demo/table.js';
import { drawTable } from '../../../../infra/terminal/table.js';
import type { DeadLetter } from '../../../../lib/dead-letters/ledger.js';

const QUEUE = 'shopping_events_dead_letter_queue';

const letters: DeadLetter[] = (['waiting', 'redriven', 'purged', 'missing'] as const).map((state, n) => ({
  id: `${n}2785aa518cc1c623fe559953`,
  state,
  reason: 'purchase without pick up',
  queue: 'worker01_queue',
  at: new Date().toISOString(),
  copies: 1,
  redrives: n,
}));
const summaries = new Map(letters.map(({ id }) => [id, 'purchase AX-123']));

const event = { event_type: 'pick up', product_number: 'ZZ-999', timestamp: '2026-11-29T08:37:06.121Z' } as const;
const played = {
  seen: [{ worker: 'worker01', verdict: 'rejected', reason: 'unknown product', messageId: '1', event }] as const,
  customers: new Map([
    [
      'customer-1',
      { shoppingEvents: [{ type: 'pick up', product: 'ZZ-999', timestamp: event.timestamp }], billingEvents: [] },
    ],
  ] as const),
  bills: [
    { customer: 'customer-1', product: 'AX-123', pickedUpAt: event.timestamp, purchasedAt: event.timestamp, cost: 8 },
  ],
  deadLetters: [{ type: 'pick up', product: 'ZZ-999', timestamp: event.timestamp }] as const,
};

const TABLES: Readonly<Record<string, (width: number) => string>> = {
  'dead letters': (width) => drawDeadLetters(letters, summaries, width),
  'the demo': (width) => drawPlayed(played as unknown as Parameters<typeof drawPlayed>[0], width),
  deviations: (width) =>
    drawDeviations(
      [
        { thing: `queue ${QUEUE}`, differences: 'missing' },
        {
          thing: 'queue worker01_queue',
          differences: [
            {
              point: 'x-dead-letter-strategy',
              expected: 'at-least-once',
              found: undefined,
              meaning: 'a dead letter may be lost on the way',
            },
          ],
        },
      ],
      width,
    ),
  parity: (width) =>
    drawFindings(
      [
        {
          what: 'maximumBatchingWindow',
          differs: true,
          here: 'a batch does not wait',
          onAws: 'half a second, since the framework leaves a window of 0 out',
          advice: 'timing: aws',
          function: 'shoppingWorker',
          queue: QUEUE,
        },
      ],
      width,
    ),
};

describe.each(Object.entries(TABLES))('the table of %s', (_, draw) => {
  it.each([20, 40, 60, 80, 120])('fits into %i columns', (width) => {
    for (const line of draw(width).split('\n')) expect(stringWidth(line), line).toBeLessThanOrEqual(width);
  });

  it('is a table where there is room', () => {
    expect(draw(120)).toContain('┌');
  });
});

describe('a table', () => {
  it('is as narrow as its text where there is room', () => {
    expect(drawTable(['a', 'b'], [['one', 'two']], { width: 80 }).split('\n')[0]).toBe('┌─────┬─────┐');
  });

  it('wraps what is too long, and loses nothing', () => {
    const drawn = drawTable(['queue', 'why'], [[QUEUE, 'one word after another']], { width: 40 });
    const cells = drawn
      .split('\n')
      .slice(3, -1)
      .map((line) => line.split('│').map((cell) => cell.trim()));
    expect(cells.map(([, queue]) => queue).join('')).toBe(QUEUE);
    expect(
      cells
        .map(([, , why]) => why)
        .join(' ')
        .trim(),
    ).toBe('one word after another');
  });

  it('is a block per row where there is no room for columns, and loses nothing', () => {
    // In a CI there are colours.
    const drawn = stripVTControlCharacters(drawTable(['queue', 'why'], [[QUEUE, 'wide 漢字 text']], { width: 20 }));
    expect(drawn).not.toContain('│');
    expect(drawn.replace(/\s/g, '')).toBe(`queue${QUEUE}whywide漢字text`);
  });
});
