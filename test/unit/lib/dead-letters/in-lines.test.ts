import { expect, it } from 'vitest';
import { inLines } from '../../../../lib/dead-letters/preview.js';

it('puts JSON into lines', () => {
  expect(inLines('{"a":[1,"12345678901234567"]}')).toBe('{\n  "a": [\n    1,\n    "12345678901234567"\n  ]\n}');
});

it.each(['no JSON', '{"a":'])('leaves alone what is not JSON: %s', (text) => {
  expect(inLines(text)).toBe(text);
});

it('leaves alone what has more than 4,000 characters', () => {
  const json = (length: number) => `["${'x'.repeat(length - 4)}"]`;
  expect(inLines(json(4_000))).toContain('\n');
  expect(inLines(json(4_001))).toBe(json(4_001));
});

it.each(['{"id":9007199254740993}', '[-12345678901234567890]', '{"a": 0.12345678901234567}', '12345678901234567'])(
  'leaves alone what JavaScript would round: %s',
  (text) => {
    expect(inLines(text)).toBe(text);
  },
);
