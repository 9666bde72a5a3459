import { describe, expect, it } from 'vitest';
import { derivedMessageId } from '../../../../../lib/shop/domain/message-id.js';
import { idsOfConsequences, messagesFor } from '../../../../../lib/shop/domain/messages.js';
import { BILLING_EVENTS } from '../../../../../lib/shop/domain/topology.js';

const body = (text: string): Uint8Array => Buffer.from(text);

describe('the id of what an event leads to', () => {
  // Computed with Python's hashlib and uuid. Receivers recognize repeats by it, even those from another version.
  it.each([
    ['m', '{}', 'alert', 'f698cd15-f978-561a-8b3d-4441ccacee8b'],
    ['m', '{}', 'bill', '2350921c-bee5-57c3-8b43-7db8f7a8000c'],
    ['m', '{}', "customer's bill", 'b4558ffb-952b-57ab-b960-70562012dba0'],
    ['n', '{"a":1}', 'bill', '62f46c76-b96e-595e-8d6d-33a9516f8561'],
    [undefined, '{}', 'bill', 'ca944d83-6f49-58a4-9dff-370a22387344'],
  ])('%s %s: %s', (messageId, text, kind, id) => {
    expect(derivedMessageId({ messageId, body: body(text) }, kind)).toBe(id);
  });

  it.each([
    ['m', 1, 8_152, 'ce76d0e4-ee65-57c8-be7f-253c9752fa35'],
    ['m', 1, 8_153, '0fadbff9-c1e4-5818-927d-7ada8e798c0f'],
    ['m', 1, 100_000, '485408b0-57d2-531f-990b-dccdf0d69e81'],
    ['é', 8_000, 2, 'd7debf75-c814-5ac3-a734-e4060868d4c4'],
    ['x', 8_000, 2, '5851dae9-9a04-5d13-8cc4-29f7eca03070'],
  ])('of an id of %j times %d, and a body of %d bytes', (letter, times, bytes, id) => {
    const incoming = { messageId: letter.repeat(times), body: body('x'.repeat(bytes)) };
    expect(derivedMessageId(incoming, 'bill')).toBe(id);
  });

  it('is the one that is sent', () => {
    const incoming = { messageId: 'm', body: body('{}') };
    const ids = idsOfConsequences(incoming);
    expect(ids).toEqual({
      alert: derivedMessageId(incoming, 'alert'),
      bill: derivedMessageId(incoming, 'bill'),
      customersBill: derivedMessageId(incoming, "customer's bill"),
    });
    const event = { type: 'purchase' as const, product: 'AX-123', timestamp: '2026-01-01T10:05:00' };
    const bill = { customer: 'ada', product: 'AX-123', pickedUpAt: 'a', purchasedAt: 'b', cost: 8 };
    const sent = messagesFor(event, { verdict: 'billed', bill }, incoming);
    expect(sent.map(({ messageId }) => messageId)).toEqual([ids.alert, ids.bill, ids.customersBill]);
    expect(sent[1]?.routingKey).toBe(BILLING_EVENTS);
    expect(messagesFor(event, { verdict: 'rejected', reason: 'unknown product' }, incoming)).toEqual([]);
  });
});
