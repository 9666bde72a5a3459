import type { Service } from './read-service.js';

/** One handler and its queues, as the command line says them. */
export interface HandlerFlags {
  /** File and export, such as `./dist/eat.handler`. */
  readonly handler: string;
  readonly queue: readonly string[];
  readonly batchSize?: number;
  /** Seconds. */
  readonly batchingWindow?: number;
  /** Seconds. */
  readonly timeout?: number;
  /** Megabytes. */
  readonly memory?: number;
}

/** A service of one function, for a handler that has none. */
export function handlerService(serviceDir: string, flags: HandlerFlags): Service {
  const { handler, queue: queues, batchSize, batchingWindow, timeout, memory } = flags;
  const name = handler.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
  const definition = {
    name,
    handler,
    ...(timeout !== undefined && { timeout }),
    ...(memory !== undefined && { memorySize: memory }),
    events: queues.map((queue) => ({
      rabbitmq: {
        arn: undefined,
        queue,
        ...(batchSize !== undefined && { batchSize }),
        ...(batchingWindow !== undefined && { maximumBatchingWindow: batchingWindow }),
      },
    })),
  };
  return {
    serviceDir,
    config: { servicePath: serviceDir },
    service: { provider: {}, getAllFunctions: () => [name], getFunction: () => definition },
  };
}
