import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { printable, printableLine, printNotice, printResult } from '../../../../infra/terminal/printable.js';

afterEach(() => vi.restoreAllMocks());

/** Moves the cursor, sets the title, rings, is a C1 control, changes the direction of text, or is beyond 16 bits. */
const ACTING = '\u001b[2J \u001b]0;title\u0007 \u009b1A \u202eabc \u{e0041} \r';

it('writes out what can act, and keeps the rest', () => {
  expect(printable(`${ACTING} plain ä 密 \n\t`)).toBe(
    '\\u001b[2J \\u001b]0;title\\u0007 \\u009b1A \\u202eabc \\udb40\\udc41 \\u000d plain ä 密 \n\t',
  );
  expect(printableLine('one\ntwo\u2028three\t')).toBe('one\\u000atwo\\u2028three\\u0009');
});

it('prints JSON that is the same for whoever reads it, and colours as they are', () => {
  const written: string[] = [];
  const keep = (text: unknown) => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
  printResult(JSON.stringify({ product: ACTING }));
  printNotice(`\u001b[31mred\u001b[39m ${ACTING}`);
  const [json = '', notice = ''] = written;
  expect(JSON.parse(json)).toEqual({ product: ACTING });
  expect(json.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(notice).toContain('\u001b[31mred\u001b[39m \\u001b[2J');
});

it('is what every command prints through', () => {
  const sources = readdirSync('infra', { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.ts$/.test(file) && file !== 'terminal/printable.ts',
  );
  expect(sources.length).toBeGreaterThan(100);
  const writing = sources.filter((file) =>
    /std(out|err)\.write\(|console\./.test(readFileSync(`infra/${file}`, 'utf8')),
  );
  expect(writing).toEqual([]);
});
