import { expect, it } from 'vitest';
import { decodeRequest, encodeRequest } from '../../../../lib/recording/request.js';

const OWN = 'amq.gen-Z3jVXxgevKAmXtFE5Y4bQA';
const REQUEST = { replyTo: OWN, wish: 'record' } as const;

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
  `{"v":2,"replyTo":"${OWN}","wish":"end"}`,
  `{"v":1,"replyTo":"${OWN}","wish":"stop"}`,
  `{"v":1,"replyTo":"${OWN}x","wish":"end"}`,
  '{"v":1,"replyTo":"","wish":"end"}',
  '{"v":1,"replyTo":1,"wish":"end"}',
  '{"v":1,"replyTo":"billing_events","wish":"end"}',
  '{"v":1,"replyTo":"amq.gen-/../billing_events","wish":"end"}',
])('is not %s', (json) => {
  expect(decodeRequest(json)).toBeUndefined();
});
