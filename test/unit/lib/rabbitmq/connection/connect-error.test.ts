import { connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { connectError, isAmqpUrl } from '../../../../../lib/rabbitmq/connection/connect-error.js';

const url = new URL('amqp://shop:secret@broker.example:5671/tills%2Fone');

describe('why there is no connection', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.1:5671', 'nothing listens there (ECONNREFUSED)'],
    ['getaddrinfo ENOTFOUND broker.example', 'there is no machine named broker.example'],
    ['Handshake terminated by server: 403 (ACCESS-REFUSED)', 'it refuses the user shop or the password'],
    [
      'Expected ConnectionOpenOk; got <ConnectionClose channel:0>',
      'it has no virtual host tills/one, or shop may not use it',
    ],
    ['NOT_ALLOWED - vhost tills/one not found', 'it has no virtual host tills/one; `rabbitmqctl add_vhost tills/one`'],
    [
      "NOT_ALLOWED - access to vhost 'tills/one' refused for user 'shop'",
      'user shop has no access to virtual host tills/one',
    ],
    ['NOT_ALLOWED - the limit of connections', 'tills%2Fone: NOT_ALLOWED - the limit of connections'],
    ['connect ETIMEDOUT', 'nothing answers (ETIMEDOUT)'],
    ['Socket closed abruptly during opening handshake', 'does not speak AMQP as expected'],
    ['something new', 'RabbitMQ at amqp://shop@broker.example:5671/tills%2Fone: something new'],
  ])('is a sentence without the password: %s', (said, sentence) => {
    const { message, cause } = connectError(url, new Error(said));
    expect(message).toContain(sentence);
    expect(message).not.toContain('secret');
    expect(cause).toMatchObject({ message: said });
  });

  it('names the reason of each address that was tried', () => {
    const tried = new AggregateError([
      new Error('connect ECONNREFUSED ::1:1'),
      new Error('connect ECONNREFUSED 127.0.0.1:1'),
    ]);
    expect(connectError(new URL('amqp://localhost:1'), tried).message).toBe(
      'RabbitMQ at amqp://localhost:1: nothing listens there (ECONNREFUSED); start it, or use another address.',
    );
  });

  it('is met by amqplib itself', async () => {
    const nowhere = new URL('amqp://127.0.0.1:1');
    const refused = await connect(nowhere.href).catch((error: unknown) => connectError(nowhere, error));
    expect(refused).toMatchObject({ name: 'ConnectError', message: expect.stringContaining('nothing listens there') });
  });
});

it.each([
  ['amqp://localhost', true],
  ['amqps://user:password@host:5671/vhost', true],
  ['localhost:5672', false],
  ['http://localhost', false],
  ['amqp:', false],
])('%s is the address of a broker: %s', (text, is) => {
  expect(isAmqpUrl(text)).toBe(is);
});
