import { Command } from 'commander';
import { changelogOf } from '../../../lib/rabbitmq/changelog/stream.js';
import { exists, onOwnChannel } from '../../../lib/rabbitmq/connection/channel.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { requireBroker } from '../../commands/broker-address.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { whoAsks } from '../../commands/who-asks.js';
import { findQueue } from '../roles/worker.js';

interface Flags {
  readonly amqpUrl?: string;
  readonly yes?: true;
}

/** `forget-baskets <queue>`: for a worker whose changelog was deleted, or should be. */
export function forgetBasketsCommand(): Command {
  return new Command('forget-baskets')
    .argument('<queue>', "the worker's queue, such as worker01_queue")
    .option('--yes', 'confirm the deletion')
    .option(...AMQP_URL_OPTION)
    .action(forgetBaskets);
}

async function forgetBaskets(queue: string, { amqpUrl, yes }: Flags): Promise<void> {
  if (!yes)
    throw new CommandError(`This deletes every open basket of ${queue} for good. Pass --yes to confirm.`, EXIT.usage);
  const log = await commandLog('forget-baskets', undefined);
  const url = await requireBroker(amqpUrl, log);
  const changelog = changelogOf(queue);
  const found = await onConnection({ amqpUrl: url, connectionName: 'forget-baskets', log }, async (connection) => {
    if (['taken', 'shared'].includes(await findQueue(connection, queue))) {
      throw new CommandError(`A worker listens to ${queue}: stop it first.`);
    }
    // After a changelog was deleted, its exchange is left.
    const isThere =
      (await exists(connection, (channel) => channel.checkQueue(changelog))) ||
      (await exists(connection, (channel) => channel.checkExchange(changelog)));
    if (!isThere) return false;
    await onOwnChannel(connection, async (channel) => {
      await channel.deleteQueue(changelog);
      await channel.deleteExchange(changelog);
    });
    log.warn('the baskets of a worker are forgotten', {
      code: 'baskets-forgotten',
      queue,
      by: whoAsks('forget-baskets'),
    });
    return true;
  });
  notice(found ? `${changelog} is deleted.` : `There is no ${changelog}: ${queue} has no baskets to forget.`);
}
