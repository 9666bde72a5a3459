import { expect, it } from 'vitest';
import { inLines } from '../../../../lib/dead-letters/preview.js';

it('puts JSON into lines', () => {
  expect(inLines('{"a":[1,"12345678901234567"]}')).toBe('{\n  "a": [\n    1,\n    "12345678901234567"\n  ]\n}');
});

it.each(['no JSON', '{"a":', `"${'x'.repeat(5_000)}"`])('leaves alone what is none, or long: %.20s', (text) => {
  expect(inLines(text)).toBe(text);
});

it.each(['{"id":9007199254740993}', '[-12345678901234567890]', '{"a": 0.12345678901234567}', '12345678901234567'])(
  'leaves alone what JavaScript would round: %s',
  (text) => {
    expect(inLines(text)).toBe(text);
  },
);
