import { expect, it } from 'vitest';
import { decodeRequest, encodeRequest } from '../../../../lib/recording/request.js';

const REQUEST = { replyTo: 'amq.gen-1', wish: 'record' } as const;

it('comes out as it went in', () => {
  expect(decodeRequest(encodeRequest(REQUEST))).toEqual(REQUEST);
});

it.each([
  '',
  'null',
  '1',
  '"a"',
  '[]',
  '{}',
  '{"v":2,"replyTo":"a","wish":"end"}',
  '{"v":1,"replyTo":"","wish":"end"}',
  '{"v":1,"replyTo":1,"wish":"end"}',
  '{"v":1,"replyTo":"a","wish":"stop"}',
  `{"v":1,"replyTo":"${'ä'.repeat(128)}","wish":"end"}`,
])('is not %s', (json) => {
  expect(decodeRequest(json)).toBeUndefined();
});
