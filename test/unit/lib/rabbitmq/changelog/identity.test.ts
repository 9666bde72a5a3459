import { describe, expect, it } from 'vitest';
import { identityOf } from '../../../../../lib/rabbitmq/changelog/identity.js';

function identity(messageId: string | undefined, body: string, redelivered = false) {
  return identityOf({
    content: Buffer.from(body),
    properties: { messageId } as never,
    fields: { redelivered, deliveryTag: 1, exchange: '', routingKey: '' },
  });
}

describe('an identity', () => {
  it('is the same id with the same body', () => {
    expect(identity('m', 'x')).toEqual(identity('m', 'x', true));
    expect(identity('m', 'x').key).not.toBe(identity('m', 'y').key);
    expect(identity('m', 'x').key).not.toBe(identity('n', 'x').key);
    expect(identity('mx', '').key).not.toBe(identity('m', 'x').key);
  });

  it('is told the same in every version, for it is kept in streams', () => {
    expect(identity('m', 'x').key).toBe('0BdYxGYT9-LtobSP6HEBCj');
    expect(identity(undefined, 'x').key).toBe('pCCWJCbXEYgCWLAH1nZ3kp');
  });

  it('without an id is compared only when the message was delivered before', () => {
    expect(identity(undefined, 'x').comparable).toBe(false);
    expect(identity('', 'x').comparable).toBe(false);
    expect(identity(undefined, 'x', true)).toEqual({ key: identity(undefined, 'x').key, comparable: true });
  });
});
