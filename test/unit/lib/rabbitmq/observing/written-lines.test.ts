import { describe, expect, it } from 'vitest';
import { WrittenLines } from '../../../../../lib/rabbitmq/observing/written-lines.js';
import { MOST_LINES } from '../../../../../lib/runner-status/invocation-report.js';

describe('what is written while somebody listens', () => {
  it('is kept line by line, from both streams, without colours, and what never ended its line', () => {
    process.stderr.write('before\n');
    const written = WrittenLines.begin();
    process.stderr.write('\u001b[31mone\u001b[39m\ntw');
    process.stderr.write(Buffer.from('o\n\n'));
    process.stdout.write('three');
    const { lines } = written.end();
    process.stderr.write('after\n');
    expect(lines).toEqual(['one', 'two', 'three']);
    expect(written.end().lines).toBe(lines);
  });

  it('is bounded: the first lines, and the start of each', () => {
    const written = WrittenLines.begin();
    process.stderr.write(`${'x'.repeat(5_000)}\n`);
    for (let line = 0; line < MOST_LINES + 1; line++) process.stderr.write(`line ${line}\n`);
    const { lines, linesLeftOff } = written.end();
    expect(lines).toHaveLength(MOST_LINES);
    expect(lines[0]).toHaveLength(1_000);
    expect(linesLeftOff).toBe(2);
  });

  it('goes to the later one of two that overlap', () => {
    const one = WrittenLines.begin();
    const other = WrittenLines.begin();
    process.stderr.write('whose\n');
    expect([one.end().lines, other.end().lines]).toEqual([[], ['whose']]);
  });
});
