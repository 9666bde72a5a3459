import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { addressesIn, addressNow } from '../../../lib/rabbitmq/connection/address.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import { withoutRings } from '../../../lib/rabbitmq/rescale/without-rings.js';
import {
  checkTopology,
  declareTopology,
  isStream,
  type Topology,
  withoutStreams,
} from '../../../lib/rabbitmq/topology/topology.js';
import { YOUNG_QUEUE_MS } from '../../../lib/rabbitmq/topology/young-queues.js';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { customerApp } from '../../../lib/shop/domain/topology.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { requireBroker } from '../../commands/broker-address.js';
import { CommandError, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { drawDeviations } from '../../commands/deviations-table.js';
import { printResult } from '../../terminal/printable.js';
import { declareShop } from '../topology/declare-shop.js';
import { actorsFor, drawMermaid } from '../topology/mermaid.js';
import { plainTopology } from '../topology/plain-topology.js';
import { shopTopology, wholeTopology } from '../topology/shop-topology.js';

/** Stands for all customers in the picture, because the database may have thousands. */
const ANY_CUSTOMER = 'customer-1';

const ON_A_CLUSTER =
  "Customers' queues are classic, and not replicated: while the node of one is down, its alerts are lost. AMQP does not show " +
  'how many nodes hold a quorum queue or a stream (`rabbitmqctl list_queues name members`; if the cluster has grown since, ' +
  '`rabbitmq-queues grow NODE all` and `rabbitmq-streams add_replica STREAM NODE` add a member), or what nodes do that lose each ' +
  'other (`cluster_partition_handling` should be `pause_minority`).';

interface Flags {
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** `topology declare`, `topology check` and `topology show`. */
export function topologyCommand(): Command {
  const topology = new Command('topology');
  topology
    .command('declare')
    .description(
      'Declare the topology, with both worker queues, what workers and pages keep, and a queue for each customer of the database, so ' +
        'that all roles can run without the right to configure. What already exists stays as it is.',
    )
    .option('--queue <queues...>', 'queues of additional workers, which join the others when they run')
    .option(
      '--plain',
      "declare them as a student's program in pika does, so that it can run alongside; nothing is durable",
    )
    .option(
      '--no-streams',
      'leave out what Amazon MQ does not support: the log of dead letters, and what the pages read',
    )
    .option(...AMQP_URL_OPTION)
    .option('--json', 'print what was declared as JSON')
    .action(declare);
  topology
    .command('check')
    .description('List every difference between the broker and the design that AMQP shows; changes nothing.')
    .option(...AMQP_URL_OPTION)
    .option('--json', 'print the differences as JSON')
    .action(check);
  topology
    .command('show')
    .description('Draw the topology as a Mermaid flowchart.')
    .option('--json', 'print JSON instead')
    .action(show);
  return topology;
}

interface DeclareFlags extends Flags {
  readonly plain?: true;
  readonly queue?: readonly string[];
  /** False if the command line says `--no-streams`. */
  readonly streams: boolean;
}

async function declare({ amqpUrl, plain, queue: joining = [], streams, json }: DeclareFlags): Promise<void> {
  const log = await commandLog('topology', json);
  const declared = plain ? plainTopology() : wholeTopology();
  const topology = streams ? declared : withoutStreams(declared);
  const wanted = topology.queues.filter(isStream).map(({ name }) => name);
  const needs = wanted.length === 0 ? {} : { streamsFor: `${wanted.join(', ')} (--no-streams leaves that out)` };
  const url = await requireBroker(amqpUrl, log, needs);
  const created = await onConnection({ amqpUrl: url, connectionName: 'topology', log }, async (connection) => {
    if (!plain) return declareShop(connection, topology, joining, log);
    await requirePlain(connection, topology);
    return declareTopology(connection, topology, log);
  });
  // Transient queues are not written to disk.
  if (created.length > 0 && !plain) {
    notice(`new: ${created.join(', ')}; RabbitMQ writes that to disk`);
    await sleep(YOUNG_QUEUE_MS);
  }
  const { exchanges, queues, bindings } = topology;
  if (json) printResult(JSON.stringify(topology));
  else notice(`declared: ${exchanges.length} exchanges, ${queues.length} queues, ${bindings.length} bindings`);
}

/** @throws CommandError if something exists that would get a student's program refused */
async function requirePlain(connection: Connection, topology: Topology): Promise<void> {
  const others = (await checkTopology(connection, topology)).filter(({ differences }) => differences !== 'missing');
  if (others.length === 0) return;
  throw new CommandError(
    `Already declared differently: ${others.map(({ thing }) => thing).join(', ')}. Start with an empty broker: ` +
      '`npm run broker -- --fresh`, or another virtual host in AMQP_URL.',
  );
}

async function check({ amqpUrl, json }: Flags): Promise<void> {
  const log = await commandLog('topology', json);
  const url = await requireBroker(amqpUrl, log);
  const isCluster = addressesIn(await addressNow(url)).length > 1;
  const queues = readDatabase(databaseFile()).customers.flatMap((customer) => customerApp(customer).queues);
  const deviations = await onConnection({ amqpUrl: url, connectionName: 'topology', log }, async (connection) => {
    const shop = await checkTopology(connection, await withoutRings(connection, shopTopology()));
    const apps = await checkTopology(connection, { exchanges: [], queues, bindings: [] });
    // A customer whose app has never run has no queue yet.
    return [...shop, ...apps.filter(({ differences }) => differences !== 'missing')];
  });
  if (json) printResult(JSON.stringify(deviations));
  else if (deviations.length > 0) printResult(drawDeviations(deviations));
  notice('AMQP does not show bindings, nor arguments that the broker does not compare.');
  if (isCluster) notice(ON_A_CLUSTER);
  if (deviations.length > 0) throw new CommandError(`${deviations.length} of the shop's parts differ from the design.`);
  notice('Everything that AMQP shows is as designed.');
}

function show({ json }: { readonly json?: true }): void {
  const topology = shopTopology([ANY_CUSTOMER]);
  printResult(json ? JSON.stringify(topology) : drawMermaid(topology, actorsFor([ANY_CUSTOMER])));
}
