import type { Service } from './read-service.js';

/** One handler and its queues, as given on the command line. */
export interface HandlerFlags {
  /** File and export, such as `./dist/eat.handler`. */
  readonly handler: string;
  readonly queue: readonly string[];
  readonly virtualHost?: string;
  readonly batchSize?: number;
  /** Seconds. */
  readonly batchingWindow?: number;
  /** As in `filterPatterns`, each one JSON. */
  readonly filter?: readonly string[];
  /** Seconds. */
  readonly timeout?: number;
  /** Megabytes. */
  readonly memory?: number;
  readonly topology?: string;
  readonly declareQueues?: true;
  readonly retry?: string;
  readonly attempts?: number;
  readonly prefetch?: number;
  readonly changelog?: true;
  /** An exchange. */
  readonly rescale?: string;
  readonly mayDiscard?: true;
  readonly recordable?: true;
  readonly deadLetterLog?: string;
  readonly status?: string;
}

/** A service with one function, for a handler without a service. @throws Error for a filter that is not JSON */
export function handlerService(serviceDir: string, flags: HandlerFlags): Service {
  const { handler, queue: queues, timeout, memory } = flags;
  const name = handler.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
  const definition = {
    name,
    handler,
    ...given({ timeout, memorySize: memory }),
    events: queues.map((queue) => ({ rabbitmq: { arn: undefined, queue, ...eventOf(flags) } })),
  };
  return {
    serviceDir,
    config: { servicePath: serviceDir },
    service: {
      custom: { rabbitmq: settingsOf(name, flags) },
      provider: {},
      getAllFunctions: () => [name],
      getFunction: () => definition,
    },
  };
}

/** The part of an event in serverless.yml. */
function eventOf({ virtualHost, batchSize, batchingWindow, filter }: HandlerFlags) {
  const filterPatterns = filter?.map(parseFilter);
  return given({ virtualHost, batchSize, maximumBatchingWindow: batchingWindow, filterPatterns });
}

/** The part of `custom.rabbitmq`. */
function settingsOf(name: string, flags: HandlerFlags): Record<string, unknown> {
  const { topology, declareQueues, retry, attempts, prefetch, deadLetterLog, rescale, status } = flags;
  const named = (flag: true | undefined): readonly string[] | undefined => flag && [name];
  return given({
    topology,
    declareQueues,
    retry,
    attempts,
    prefetch,
    deadLetterLog,
    changelog: named(flags.changelog),
    mayDiscard: named(flags.mayDiscard),
    recordable: named(flags.recordable),
    rescale: rescale === undefined ? undefined : { [name]: rescale },
    status: status === undefined ? undefined : { [name]: status },
  });
}

function given<Values extends object>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}

function parseFilter(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`--filter ${text} must be JSON, such as '{"data":{"type":["order"]}}'.`, { cause });
  }
}
