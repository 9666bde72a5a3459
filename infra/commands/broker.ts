import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Progress } from '../broker/progress.js';
import { openProjectBroker } from '../broker/project-broker.js';

const USAGE = `Usage: broker [--fresh] [--port <number>]

Runs a private RabbitMQ until Ctrl-C. Prints its AMQP address on standard output.
  --fresh          empties the data of earlier runs
  --port <number>  serves AMQP on this port
`;

interface BrokerCommand {
  readonly fresh: boolean;
  readonly port?: number;
}

/**
 * Runs the project's private broker in the foreground until SIGINT, SIGTERM or SIGHUP.
 *
 * @returns the exit code: 0 when it was stopped or one runs already, 1 when it could not start or ended by itself
 */
export async function runBroker(args: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  try {
    const command = readArguments(args);
    if (command) await serve(command, stop.signal);
    else process.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 0;
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

function readArguments(args: readonly string[]): BrokerCommand | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      fresh: { type: 'boolean', default: false },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  if (values.port === undefined) return { fresh: values.fresh };
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`--port takes a number from 1 to 65535, not ${values.port}.`);
  return { fresh: values.fresh, port };
}

async function serve(command: BrokerCommand, stop: AbortSignal): Promise<void> {
  const { promise: crash, settle: onCrash } = deferred<Error>();
  const { amqpUrl, started } = await openProjectBroker({
    ...command,
    runtimeFolder: resolve('.smart-shopping'),
    onProgress: showProgress,
    onCrash,
    signal: stop,
  });
  if (!started && command.fresh)
    throw new Error('A private RabbitMQ of this project runs already: stop it before its data is emptied.');
  process.stdout.write(`${amqpUrl}\n`);
  if (!started) {
    process.stderr.write('A private RabbitMQ of this project runs already, at the address above.\n');
    return;
  }
  process.stderr.write(`RabbitMQ runs (pid ${started.pid}). Ctrl-C stops it; its data stays.\n`);
  const error = await Promise.race([crash, aborted(stop)]);
  await started.stop();
  if (error) throw error;
}

function deferred<Value>(): { promise: Promise<Value>; settle: (value: Value) => void } {
  let settle: (value: Value) => void = () => {};
  const promise = new Promise<Value>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((settle) => {
    if (signal.aborted) settle(undefined);
    signal.addEventListener('abort', () => settle(undefined), { once: true });
  });
}

let shown = '';

/** One line per step; on a terminal the line that counts is written over. */
function showProgress({ step, done, total }: Progress): void {
  const counts = done !== undefined && total !== undefined && total > 0;
  if (!process.stderr.isTTY) {
    if (step !== shown) process.stderr.write(`${step}\n`);
  } else {
    const sameLine = step === shown ? '\r\u001b[2K' : shown === '' ? '' : '\n';
    process.stderr.write(`${sameLine}${step}${counts ? ` ${Math.floor((100 * done) / total)} %` : ''}`);
  }
  shown = step;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runBroker(process.argv.slice(2));
}
