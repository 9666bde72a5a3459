import { onOwnChannel } from '../../../lib/rabbitmq/connection/channel.js';
import { superviseConnection } from '../../../lib/rabbitmq/connection/supervise-connection.js';
import { pause } from '../../../lib/waiting/backoff.js';
import type { RoleOptions } from './role.js';

/** Seldom, because every check costs an idle app three round trips. */
const LOOK_EVERY_MS = 2_000;
const BACKOFF = { firstMs: 200, maxMs: 10_000 };

/**
 * Reports how many consumers a queue has, now and whenever that changes, until the signal aborts. AMQP does not announce
 * consumers, so this polls. The role itself notices and reports errors.
 */
export async function watchConsumers(
  queue: string,
  { amqpUrl, signal }: Omit<RoleOptions, 'log'>,
  onCount: (consumers: number) => void,
): Promise<void> {
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  let before: number | undefined;
  const supervision = { amqpUrl, connectionName: `watch ${queue}`, log, signal, backoff: BACKOFF };
  await superviseConnection(supervision, async (connection, works) => {
    while (!signal.aborted) {
      const { consumerCount } = await onOwnChannel(connection, (channel) => channel.checkQueue(queue));
      works();
      if (consumerCount !== before) onCount(consumerCount);
      before = consumerCount;
      await pause(LOOK_EVERY_MS, signal);
    }
  });
}
