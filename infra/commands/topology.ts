import { Command } from 'commander';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { onConnection } from '../../lib/rabbitmq/connection/connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { actorsFor, drawMermaid } from '../topology/mermaid.js';
import { shopTopology } from '../topology/shop-topology.js';
import { requireBroker } from './broker-address.js';
import { notice } from './command-line.js';

/** Stands for every customer in the picture: the database may have thousands. */
const ANY_CUSTOMER = 'customer-1';

interface DeclareFlags {
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** `topology declare` and `topology show`. */
export function topologyCommand(): Command {
  const topology = new Command('topology').description("The shop's exchanges, queues and bindings.");
  topology
    .command('declare')
    .description('Declares them, with both worker queues; what is there already stays as it is.')
    .option('--amqp-url <url>', 'the broker; else AMQP_URL, else the private one that runs here')
    .option('--json', 'what was declared, as JSON')
    .action(declare);
  topology
    .command('show')
    .description('Draws them as a Mermaid flowchart.')
    .option('--json', 'as JSON instead')
    .action(show);
  return topology;
}

async function declare({ amqpUrl, json }: DeclareFlags): Promise<void> {
  const log = adapterLog(createLogger('topology'));
  const url = await requireBroker(amqpUrl, log);
  const topology = shopTopology();
  await onConnection({ amqpUrl: url, connectionName: 'topology', log }, (connection) =>
    declareTopology(connection, topology, log),
  );
  const { exchanges, queues, bindings } = topology;
  if (json) process.stdout.write(`${JSON.stringify(topology)}\n`);
  else notice(`declared: ${exchanges.length} exchanges, ${queues.length} queues, ${bindings.length} bindings`);
}

function show({ json }: { readonly json?: true }): void {
  const topology = shopTopology([ANY_CUSTOMER]);
  process.stdout.write(`${json ? JSON.stringify(topology) : drawMermaid(topology, actorsFor([ANY_CUSTOMER]))}\n`);
}
