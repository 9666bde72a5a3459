import { expect, it } from 'vitest';
import { openConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { openRefusal } from '../../lib/rabbitmq/connection/open-refusal.js';
import { amqpUrl } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

const missing = new URL(amqpUrl);
missing.pathname = '/no%2Fwhere';

it('a virtual host that is missing is told by the broker, and named where a connection fails', async () => {
  expect(await openRefusal({ url: missing, tls: {}, isExternal: false })).toBe(
    'NOT_ALLOWED - vhost no/where not found',
  );
  const opening = openConnection({ amqpUrl: missing.href, connectionName: 'test', log: recordingLog() });
  await expect(opening).rejects.toThrow(
    'it has no virtual host no/where; `rabbitmqctl add_vhost no/where` creates it.',
  );
});

it('nothing is told where a virtual host opens, or nobody answers', async () => {
  expect(await openRefusal({ url: new URL(amqpUrl), tls: {}, isExternal: false })).toBeUndefined();
  expect(await openRefusal({ url: new URL('amqp://127.0.0.1:1'), tls: {}, isExternal: false })).toBeUndefined();
});

it('a password that is wrong is told in other words', async () => {
  const wrong = new URL(missing);
  wrong.password = 'wrong';
  const opening = openConnection({ amqpUrl: wrong.href, connectionName: 'test', log: recordingLog() });
  await expect(opening).rejects.toThrow('it refuses the user local or the password');
});
