import { once } from 'node:events';
import { Command, InvalidArgumentError } from 'commander';
import { openProjectBroker, type ProjectBroker } from '../broker/project-broker.js';
import { stopSignal } from '../process/stop-signal.js';
import { printResult } from '../terminal/printable.js';
import { runtimeFolder } from './broker-address.js';
import { CommandError, notice } from './command-line.js';
import { startBroker } from './start-broker.js';

interface Flags {
  readonly fresh?: true;
  readonly port?: number;
  readonly renew?: true;
  readonly json?: true;
}

/** `broker`: the project's private RabbitMQ, in the foreground. */
export function brokerCommand(): Command {
  return new Command('broker')
    .option('--fresh', 'deletes the data of earlier runs')
    .option('--port <number>', 'to serve AMQP on; else the one of the last run, or a free one', port)
    .option('--renew', 'looks for newer Debian packages now, where RabbitMQ is unpacked and not installed')
    .option('--json', 'the address as a JSON line')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const { fresh, port, renew, json } = flags;
  const stop = stopSignal();
  const crash = new AbortController();
  const broker = await startBroker(stop, (onProgress) =>
    openProjectBroker({
      runtimeFolder: runtimeFolder(),
      onProgress,
      onCrash: (error) => crash.abort(error),
      signal: stop,
      ...(fresh !== undefined && { fresh }),
      ...(port !== undefined && { port }),
      ...(renew !== undefined && { renew }),
    }),
  );
  // Stopped before it ran: nothing is left of it.
  if (broker === undefined) return;
  mustBeAsAsked(broker, flags);
  const { amqpUrl, started } = broker;
  printResult(json ? JSON.stringify({ amqp_url: amqpUrl }) : amqpUrl);
  if (started === undefined) return notice("This project's private RabbitMQ is already running, at the address above.");
  notice(`RabbitMQ is running (pid ${started.pid}). Ctrl-C stops it; its data is kept.`);
  const over = AbortSignal.any([stop, crash.signal]);
  if (!over.aborted) await once(over, 'abort');
  await started.stop();
  if (crash.signal.aborted) throw crash.signal.reason;
}

/** One that runs already has its data and its port. */
function mustBeAsAsked({ amqpUrl, started }: ProjectBroker, { fresh, port }: Flags): void {
  if (started !== undefined) return;
  const there = 'A private RabbitMQ of this project runs already';
  if (fresh) throw new CommandError(`${there}: stop it before its data is emptied.`);
  const itsPort = new URL(amqpUrl).port;
  if (port !== undefined && itsPort !== String(port)) {
    throw new CommandError(`${there}, on port ${itsPort}: stop it before it can move to ${port}.`);
  }
}

function port(text: string): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < 1 || number > 65_535) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
  }
  return number;
}
