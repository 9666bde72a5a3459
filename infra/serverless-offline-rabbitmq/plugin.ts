import { join } from 'node:path';
import { withoutPassword } from '../../lib/rabbitmq/connection/connect-error.js';
import { pause } from '../../lib/waiting/backoff.js';
import { findRunningBroker } from '../broker/find-broker.js';
import { findFunctions } from '../functions/functions.js';
import { type LocalService, startLocalService } from '../functions/local-service.js';
import { type OfflineOptions, offlineOptions } from '../functions/offline-options.js';
import type { Print, Serverless } from '../functions/serverless.js';
import { loadServiceFunction, type Pages, type ServiceContext } from '../functions/service-module.js';
import { readSettings, type Settings } from '../functions/settings.js';
import {
  collisionIn,
  findTriggers,
  queuesOf,
  refuseFilterPatterns,
  remarksOn,
  servesOthers,
} from '../functions/triggers.js';
import { type TroubleLines, troubleLines } from '../functions/trouble.js';
import { stopWithNpm } from '../process/npm-watch.js';
import { stopSignal } from '../process/stop-signal.js';
import { printable, printNotice } from '../terminal/printable.js';
import { takeSteps } from './offline-steps.js';
import { hasHttpEvents, requireFreePorts } from './ports.js';

export type { Pages, ServiceContext, ServiceModules } from '../functions/service-module.js';
export type { ServiceTopology } from '../functions/topology-schema.js';

interface Options extends OfflineOptions {
  /** Undefined if the command line does not say. */
  readonly demo?: boolean;
}

const OPTIONS = {
  demo: { type: 'boolean', usage: 'Play the demo even on a named broker; --no-demo never plays it.' },
};
/** Not forever: the demo is useful without pages, too. */
const PAGES_PATIENCE_MS = 5_000;

/** For the framework to report what failed. */
const END_PATIENCE_MS = 1_000;

const COMMAND = { usage: 'Run the service on this machine.', options: OPTIONS };

/**
 * Gives a service's `rabbitmq` events to its functions under serverless-offline: on a real broker, with threads for every
 * function. Settings: `custom.rabbitmq` (see settings.ts).
 */
export default class ServerlessOfflineRabbitmq {
  readonly commands = { offline: { ...COMMAND, commands: { start: COMMAND } } };

  readonly hooks = {
    initialize: () => this.#check(),
    'before:offline:start': () =>
      this.#serverless.pluginManager.spawn('offline:start', { terminateLifecycleAfterExecution: true }),
    'before:offline:start:init': () => this.#start(),
    // By then all bundlers have built the functions, and HTTP is served.
    'after:offline:start:init': () => this.#serve(),
    'before:offline:start:ready': () => this.#announce(),
    'before:offline:start:end': () => this.#end(),
  };

  readonly #serverless: Serverless;
  readonly #options: Options;
  readonly #print: Print;
  #settings: Settings = readSettings({}, { functionKeys: [], queues: [] });
  readonly #troubles: TroubleLines;
  #stop = AbortSignal.abort();
  #running: LocalService | undefined;
  #served: Promise<readonly string[]> | undefined;
  #pages: Pages | undefined;

  constructor(serverless: Serverless, options: Options, { log }: { readonly log: Print }) {
    this.#serverless = serverless;
    this.#options = options;
    // This output is what the user came for, even if the framework is told to be quiet.
    this.#print = {
      notice: printNotice,
      warning: (text) => log.warning(printable(text)),
      error: (text) => log.error(printable(text)),
    };
    this.#troubles = troubleLines(this.#print);
  }

  /**
   * Before every command, so that a mistake is found before anything is packaged; here it affects only the function concerned.
   */
  #check(): void {
    const { service, classes, processedInput } = this.#serverless;
    takeSteps(this.#serverless, this.constructor.name);
    try {
      const names = { functionKeys: service.getAllFunctions(), queues: queuesOf(this.#serverless) };
      this.#settings = readSettings(service.custom?.['rabbitmq'], names);
      if (processedInput?.commands[0] === 'offline') return;
      refuseFilterPatterns(findTriggers(this.#serverless, this.#settings));
      const collision = collisionIn(this.#serverless);
      if (collision !== undefined) throw new Error(collision);
    } catch (error) {
      throw new classes.Error((error as Error).message, 'RABBITMQ_EVENTS_REFUSED');
    }
  }

  async #start(): Promise<void> {
    const { service, classes } = this.#serverless;
    this.#stop = stopSignal();
    stopWithNpm();
    // serverless-offline does not handle a closed terminal.
    process.on('SIGHUP', () => process.kill(process.pid, 'SIGTERM'));
    const fail = (error: unknown): never => {
      if (this.#stop.aborted) process.exit(0);
      // A bundler's file watchers would keep a failed process alive.
      setTimeout(() => process.exit(1), END_PATIENCE_MS).unref();
      throw new classes.Error((error as Error).message, 'RABBITMQ_EVENTS_NOT_STARTED');
    };
    await requireFreePorts(this.#serverless, this.#options, async () => {
      const folder = join(this.#serverless.serviceDir, this.#settings.brokerFolder);
      return (await findRunningBroker(folder)) !== undefined;
    }).catch(fail);
    const starting = startLocalService({
      service: this.#serverless,
      settings: this.#settings,
      print: this.#print,
      troubles: this.#troubles,
      signal: this.#stop,
      isDevelopment: true,
    });
    this.#running = await starting.catch((error: Error) => {
      if (this.#stop.aborted || !servesOthers(this.#serverless)) return fail(error);
      this.#print.error(`No queue is served; everything else is: ${error.message}`);
      return undefined;
    });
    if (this.#running === undefined) return;
    const { amqpUrl } = this.#running;
    // serverless-offline gives a function no environment other than this.
    for (const functionKey of service.getAllFunctions()) {
      const definition = service.getFunction(functionKey);
      definition.environment = { ...definition.environment, AMQP_URL: amqpUrl };
    }
  }

  #serve(): void {
    const running = this.#running;
    if (running === undefined) return;
    const found = findFunctions(this.#serverless, this.#settings, this.#options, running.amqpUrl);
    for (const remark of remarksOn(this.#serverless, findTriggers(this.#serverless, this.#settings))) {
      this.#print.warning(remark);
    }
    this.#served = running.serve(found);
  }

  async #announce(): Promise<void> {
    const running = this.#running;
    if (this.#stop.aborted) {
      // serverless-offline listens for signals only from now on, and this one came earlier.
      await running?.stopped();
      process.exit(0);
    }
    if (running !== undefined) this.#print.notice(`RabbitMQ: ${withoutPassword(running.amqpUrl)}`);
    if (hasHttpEvents(this.#serverless)) this.#print.notice(`HTTP: ${this.#httpUrl()}`);
    if (running === undefined) return;
    await this.#openPages(running);
    void this.#whenReady(running);
  }

  /** Events must not wait just because no one can watch them. */
  async #openPages(running: LocalService): Promise<void> {
    const { pages: setting } = this.#settings;
    if (setting === undefined) return;
    try {
      const pages = await loadServiceFunction(this.#serverless.serviceDir, 'pages', setting);
      this.#pages = await pages(this.#contextOf('pages', running));
      // If everything is here, this is the last line.
      if (!running.onPrivateBroker) this.#print.notice(this.#pages.invitation);
    } catch (error) {
      this.#print.error(`No pages: ${(error as Error).message}`);
    }
  }

  async #whenReady(running: LocalService): Promise<void> {
    const { onPrivateBroker } = running;
    const { demo: setting } = this.#settings;
    try {
      const missing = (await this.#served) ?? [];
      if (this.#stop.aborted) return;
      const { length } = findTriggers(this.#serverless, this.#settings);
      const served =
        missing.length === 0
          ? `All ${length} queues are served`
          : `All queues are served but those of ${missing.join(', ')}`;
      this.#print.notice(`${served}. Ctrl-C stops everything.`);
      if (setting !== undefined && (this.#options.demo ?? onPrivateBroker)) await this.#runDemo(setting, running);
      if (this.#pages !== undefined) this.#print.notice(this.#pages.invitation);
    } catch (error) {
      this.#print.error(`The demo failed: ${(error as Error).message}`);
    }
  }

  async #runDemo(setting: string, running: LocalService): Promise<void> {
    const demo = await loadServiceFunction(this.#serverless.serviceDir, 'demo', setting);
    await Promise.race([this.#pages?.watching, pause(PAGES_PATIENCE_MS, this.#stop)]);
    await demo(this.#contextOf('demo', running));
  }

  async #end(): Promise<void> {
    this.#print.notice('Finishing running batches; a second Ctrl-C ends everything at once.');
    await this.#pages?.ended;
    await this.#running?.stopped();
  }

  #contextOf(source: string, { amqpUrl, address }: LocalService): ServiceContext {
    return {
      amqpUrl,
      address,
      httpUrl: this.#httpUrl(),
      print: (text) => this.#print.notice(text),
      log: this.#troubles.of(() => source),
      signal: this.#stop,
    };
  }

  #httpUrl(): string {
    const { host, httpPort } = offlineOptions(this.#serverless, this.#options);
    return `http://${host}:${httpPort}`;
  }
}
