import { once } from 'node:events';
import { Command, InvalidArgumentError, Option } from 'commander';
import { addressesIn } from '../../lib/rabbitmq/connection/address.js';
import { askControl, type NodeAction } from '../broker/cluster-control.js';
import { findRunningBroker } from '../broker/find-broker.js';
import { openProjectBroker, type ProjectBroker } from '../broker/project-broker.js';
import { stopSignal } from '../process/stop-signal.js';
import { printResult } from '../terminal/printable.js';
import { drawTable } from '../terminal/table.js';
import { runtimeFolder } from './broker-address.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { endProgress, showProgress } from './progress.js';
import { startBroker } from './start-broker.js';

interface Flags {
  readonly fresh?: true;
  readonly nodes?: number;
  readonly port?: number;
  readonly renew?: true;
  readonly tls?: true;
  readonly json?: true;
}

/** `broker`: the project's private RabbitMQ, in the foreground; its subcommands list the nodes of a private cluster and inject faults. */
export function brokerCommand(): Command {
  return new Command('broker')
    .enablePositionalOptions()
    .addOption(nodesOption())
    .option('--fresh', 'delete the data of earlier runs')
    .option(
      '--port <number>',
      'the AMQP port of the first node; default: the port of the last run, or a free one',
      port,
    )
    .option('--tls', 'accept TLS only, with new certificates at each start; for a single node')
    .option('--renew', 'look for newer Debian packages now, if RabbitMQ is unpacked rather than installed')
    .option('--json', 'print the address as a JSON line')
    .action(run)
    .addCommand(
      new Command('nodes')
        .description('List the nodes of the private cluster that runs here.')
        .option('--json', 'print a JSON line for each')
        .action(({ json }: Flags) => showNodes(json)),
    )
    .addCommand(actionCommand('kill', 'Kill a node, like a power cut.'))
    .addCommand(actionCommand('freeze', 'Freeze a node: it keeps its connections but does not answer.'))
    .addCommand(actionCommand('start', 'Start a node that was killed, or wake one that is frozen.'));
}

/** The number of nodes of the private RabbitMQ. */
export function nodesOption(): Option {
  return new Option(
    '--nodes <number>',
    'the number of nodes of the private RabbitMQ: 1, or a cluster of 3, 5 or 7',
  ).argParser((text) => {
    // Half of an even number is no majority.
    if (!/^[1357]$/.test(text)) throw new InvalidArgumentError('It must be 1, 3, 5 or 7.');
    return Number(text);
  });
}

function actionCommand(action: NodeAction, description: string): Command {
  return new Command(action)
    .description(`${description} For private clusters only.`)
    .argument('<node>', 'its number, as listed by `broker nodes`', wholeNumber)
    .option('--json', 'print the resulting state, a JSON line for each node')
    .action((node: number, { json }: Flags) => showNodes(json, { node, action }));
}

async function showNodes(json: true | undefined, order?: Parameters<typeof askControl>[1]): Promise<void> {
  const running = await findRunningBroker(runtimeFolder());
  if (running === undefined) {
    throw new CommandError(
      'No private RabbitMQ is running here: `npm run broker -- --nodes 3` starts a cluster.',
      EXIT.noBroker,
    );
  }
  if (running.control === undefined) {
    throw new CommandError(
      'The private RabbitMQ that is running here has one node: stop it, and start a cluster with `npm run broker -- --nodes 3`.',
    );
  }
  if (order !== undefined) showProgress({ step: `node ${order.node}: ${order.action}` });
  const nodes = await askControl(running.control, order).finally(endProgress);
  if (json) for (const node of nodes) printResult(JSON.stringify(node));
  else
    printResult(
      drawTable(
        ['node', 'state', 'pid', 'port'],
        nodes.map(({ number, state, pid, port }) => [number, state, state === 'ended' ? '' : pid, port].map(String)),
      ),
    );
}

async function run(flags: Flags): Promise<void> {
  const { fresh, nodes, port, renew, tls, json } = flags;
  if (tls && nodes !== undefined && nodes > 1)
    throw new CommandError('--tls works with a single node only.', EXIT.usage);
  const stop = stopSignal();
  const crash = new AbortController();
  const isCluster = nodes !== undefined && nodes > 1;
  const broker = await startBroker(stop, (onProgress) =>
    openProjectBroker({
      runtimeFolder: runtimeFolder(),
      onProgress,
      // The other nodes of a cluster go on.
      onCrash: (error) => (isCluster ? notice(error.message) : crash.abort(error)),
      signal: stop,
      ...(fresh !== undefined && { fresh }),
      ...(nodes !== undefined && { nodes }),
      ...(port !== undefined && { port }),
      ...(renew !== undefined && { renew }),
      ...(tls !== undefined && { tls }),
    }),
  );
  // Stopped before it was running: nothing is left of it.
  if (broker === undefined) return;
  mustBeAsAsked(broker, flags);
  const { amqpUrl, started } = broker;
  printResult(json ? JSON.stringify({ amqp_url: amqpUrl }) : amqpUrl);
  if (started === undefined) return notice("This project's private RabbitMQ is already running, at the address above.");
  const what = isCluster
    ? `A cluster of ${nodes} RabbitMQ nodes is running`
    : `RabbitMQ is running (pid ${started.pid})`;
  notice(`${what}. Ctrl-C stops it; its data is kept.`);
  const over = AbortSignal.any([stop, crash.signal]);
  if (!over.aborted) await once(over, 'abort');
  await started.stop();
  if (crash.signal.aborted) throw crash.signal.reason;
}

/** One that is already running has its data and its port. */
function mustBeAsAsked({ amqpUrl, started }: ProjectBroker, { fresh, port, tls }: Flags): void {
  if (started !== undefined) return;
  const there = 'A private RabbitMQ of this project is already running';
  if (fresh) throw new CommandError(`${there}: stop it before you delete its data.`);
  if (tls && !amqpUrl.startsWith('amqps:')) throw new CommandError(`${there}, without TLS: stop it first.`);
  const itsPort = new URL(addressesIn(amqpUrl)[0] ?? '').port;
  if (port !== undefined && itsPort !== String(port)) {
    throw new CommandError(`${there}, on port ${itsPort}: stop it before it can move to ${port}.`);
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
  }
  return number;
}
