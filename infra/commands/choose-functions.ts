import type { FoundFunctions } from '../functions/functions.js';
import { CommandError, EXIT } from './command-line.js';

export interface Choice {
  /** Keys of functions; all if there are none. */
  readonly function?: readonly string[];
  /** Names of queues; all if there are none. */
  readonly queue?: readonly string[];
}

/** Those of a service's functions that a process is asked to run, each with the requested queues. @throws CommandError (2) */
export function chooseFunctions({ served, unserved }: FoundFunctions, choice: Choice): FoundFunctions {
  const functions = new Set([...served, ...unserved].map(({ functionKey }) => functionKey));
  const queues = new Set([
    ...served.flatMap(({ queues }) => queues.map(({ queue }) => queue)),
    ...unserved.flatMap(({ queues }) => queues),
  ]);
  if (functions.size === 0) throw new CommandError('This service has no rabbitmq events.', EXIT.usage);
  mustBeKnown('function', choice.function, functions);
  mustBeKnown('queue', choice.queue, queues);
  const isFunction = ({ functionKey }: { readonly functionKey: string }): boolean =>
    choice.function === undefined || choice.function.includes(functionKey);
  const isQueue = (queue: string): boolean => choice.queue === undefined || choice.queue.includes(queue);
  const chosen = {
    served: served
      .filter(isFunction)
      .map((one) => ({ ...one, queues: one.queues.filter(({ queue }) => isQueue(queue)) }))
      .filter(({ queues }) => queues.length > 0),
    unserved: unserved.filter((one) => isFunction(one) && one.queues.some(isQueue)),
  };
  if (chosen.served.length + chosen.unserved.length > 0) return chosen;
  throw new CommandError(`None of these functions has one of these queues: ${[...queues].join(', ')}.`, EXIT.usage);
}

function mustBeKnown(what: string, wanted: readonly string[] = [], known: ReadonlySet<string>): void {
  const stranger = wanted.find((name) => !known.has(name));
  if (stranger === undefined) return;
  throw new CommandError(
    `There is no ${what} ${stranger} with rabbitmq events; known: ${[...known].join(', ')}.`,
    EXIT.usage,
  );
}
