import { once } from 'node:events';
import { Command } from 'commander';
import { withoutPassword } from '../../lib/rabbitmq/connection/connect-error.js';
import { findFunctions, type ServiceFunction, type UnservedFunction } from '../functions/functions.js';
import { type LocalService, startLocalService } from '../functions/local-service.js';
import { readSettings, type Settings } from '../functions/settings.js';
import { nameOf } from '../functions/thread-work.js';
import { queuesOf } from '../functions/triggers.js';
import { serveHealth } from '../health/serve-health.js';
import { ServiceHealth } from '../health/service-health.js';
import { stopSignal } from '../process/stop-signal.js';
import { type HandlerFlags, handlerService } from '../service-file/handler-service.js';
import { readService, type Service, type ServiceOptions } from '../service-file/read-service.js';
import { addBrokerOptions, addressOfFlags, type BrokerFlags } from './broker-options.js';
import { chooseFunctions } from './choose-functions.js';
import { CommandError, EXIT } from './command-line.js';
import { exposureNotice } from './exposure.js';
import { addHandlerOptions, repeated, strayOption } from './handler-options.js';
import { positiveNumber } from './numbers.js';
import { type PollLog, pollLogInJson, pollLogInWords } from './poll-log.js';
import { parsePort, whyNotListening } from './port.js';
import { endProgress, showProgress } from './progress.js';
import { addServiceOptions, serviceOptions } from './service-options.js';

const STOP_TIMEOUT_S = 30;
/** The longest wait that a timer can take, in seconds. */
const LONGEST_S = 2_147_483;

interface Asked extends ServiceOptions, BrokerFlags, Partial<HandlerFlags> {
  readonly function?: readonly string[];
}

interface PollFlags extends Asked {
  readonly json?: true;
  /** Seconds. */
  readonly stopTimeout: number;
  readonly healthPort?: number;
  readonly healthHost: string;
}

type Say = (text: string) => void;

/** `poll`: the functions of a service on their queues, without Lambda and without serverless-offline. */
export function pollCommand(): Command {
  const command = addServiceOptions(new Command('poll'))
    .option('-f, --function <name>', 'only this function; may be repeated', repeated)
    .option('-q, --queue <name>', 'only this queue; may be repeated, so that several machines share the work', repeated)
    .option(
      '--stop-timeout <seconds>',
      'how long to wait for running batches after SIGTERM',
      positiveNumber(LONGEST_S),
      STOP_TIMEOUT_S,
    )
    .option('--health-port <port>', 'serve /healthz, /readyz and /metrics on this port; 0 for a free one', parsePort)
    .option('--health-host <address>', 'the address for --health-port; 0.0.0.0 admits probes from outside', '127.0.0.1')
    .option('--json', 'write log lines as JSON, as on Lambda')
    .action(poll);
  command.optionsGroup('The broker:');
  addBrokerOptions(command, 'the broker; default: custom.rabbitmq.amqpUrl, else AMQP_URL');
  return addHandlerOptions(command);
}

async function poll({ json, ...flags }: PollFlags): Promise<void> {
  if (!json && process.env['POWERTOOLS_LOG_LEVEL'] === undefined) return pollTelling(pollLogInWords(), flags);
  const log = await pollLogInJson();
  await pollTelling(log, flags).catch((error: Error) => {
    log.print.error(error.message);
    process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.failed;
  });
}

async function pollTelling(
  log: PollLog,
  { stopTimeout, healthPort, healthHost, ...flags }: Omit<PollFlags, 'json'>,
): Promise<void> {
  const say = log.print.notice;
  const signal = stopSignal();
  const { service, settings } = await asked(flags).finally(endProgress);
  // No private broker: a server has its own broker.
  const amqpUrl = await addressOfFlags({ ...flags, amqpUrl: flags.amqpUrl ?? settings.amqpUrl });
  const found = findFunctions(service, settings, { localEnvironment: true }, amqpUrl);
  const { served, unserved } = chooseFunctions(found, flags);
  if (served.length === 0) throw new CommandError(unserved.map(unservedLine).join(' '), EXIT.usage);
  const health = new ServiceHealth(
    served.flatMap(({ functionKey, queues }) => queues.map((work) => ({ functionKey, queue: nameOf(work) }))),
  );
  const over = new AbortController();
  try {
    if (healthPort !== undefined) {
      await listenForProbes(say, health, { host: healthHost, port: healthPort, signal: over.signal });
    }
    const running = await start({ service, settings: { ...settings, amqpUrl }, signal, observer: health, ...log });
    say(`RabbitMQ: ${withoutPassword(amqpUrl)}`);
    void running.serve({ served: served.map(notOffline), unserved }).then((missing) => {
      if (!signal.aborted) say(servedLine(served, missing));
    });
    if (!signal.aborted) await once(signal, 'abort');
    health.stops();
    await stopped(say, running, stopTimeout);
  } finally {
    over.abort();
  }
}

function start(starting: Omit<Parameters<typeof startLocalService>[0], 'isDevelopment'>): Promise<LocalService> {
  return startLocalService({ ...starting, isDevelopment: false }).catch((cause: Error) => {
    throw new CommandError(cause.message, EXIT.usage, { cause });
  });
}

/** Ends the process if a batch takes too long. */
async function stopped(say: Say, running: LocalService, stopTimeout: number): Promise<void> {
  say('Finishing running batches; a second signal ends everything at once.');
  const late = setTimeout(() => {
    say(`A batch did not end within ${stopTimeout} s: its messages go back to the queue.`);
    process.exit(EXIT.failed);
  }, stopTimeout * 1_000);
  await running.stopped();
  clearTimeout(late);
}

async function listenForProbes(
  say: Say,
  health: ServiceHealth,
  options: Parameters<typeof serveHealth>[1],
): Promise<void> {
  const { host, port } = options;
  const { origin } = await serveHealth(health, options).catch((cause: NodeJS.ErrnoException) => {
    const reason = whyNotListening(cause, port).replaceAll(/--(port|host)/g, '--health-$1');
    throw new CommandError(`No health: ${reason}`, EXIT.failed, { cause });
  });
  say(`Health: ${origin}/readyz`);
  const exposure = exposureNotice(
    host,
    'anyone who can connect can read the names of functions and queues, and counts',
  );
  if (exposure !== undefined) say(exposure);
}

/** Functions do not get the variables that serverless-offline sets. */
function notOffline(served: ServiceFunction): ServiceFunction {
  const { IS_OFFLINE: _, ...environment } = served.environment;
  return { ...served, environment };
}

/** The service to run, and its settings. @throws CommandError (2) */
async function asked(flags: Asked): Promise<{ readonly service: Service; readonly settings: Settings }> {
  try {
    const service = await serviceOf(flags);
    const names = { functionKeys: service.service.getAllFunctions(), queues: queuesOf(service) };
    return { service, settings: readSettings(service.service.custom?.['rabbitmq'], names) };
  } catch (cause) {
    throw new CommandError((cause as Error).message, EXIT.usage, { cause });
  }
}

async function serviceOf({ handler, queue, ...flags }: Asked): Promise<Service> {
  if (handler !== undefined) {
    if (queue === undefined) throw new Error('Pass --queue NAME, the queue of the handler; it may be repeated.');
    return handlerService(process.cwd(), { ...flags, handler, queue });
  }
  const stray = strayOption(flags);
  if (stray !== undefined)
    throw new Error(`${stray} works with --handler only; for a service, set it in serverless.yml.`);
  if (process.stderr.isTTY) showProgress({ step: `reading ${flags.config ?? 'serverless.yml'}` });
  return readService(process.cwd(), serviceOptions(flags));
}

function unservedLine({ functionKey, queues, reason }: UnservedFunction): string {
  return `${functionKey} (${queues.join(', ')}) cannot be served: ${reason}.`;
}

function servedLine(served: readonly { readonly queues: readonly unknown[] }[], missing: readonly string[]): string {
  const queues = served.reduce((sum, { queues }) => sum + queues.length, 0);
  return missing.length === 0
    ? `All queues are served: ${queues}.`
    : `All queues are served but those of ${missing.join(', ')}.`;
}
