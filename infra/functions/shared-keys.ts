import { EMPTY_TOPOLOGY, type QueueDeclaration } from '../../lib/rabbitmq/topology/topology.js';
import type { Settings } from './settings.js';
import type { SharedKeys } from './thread-work.js';
import type { ServiceTopology } from './topology-schema.js';
import type { Trigger } from './triggers.js';

/** @returns undefined for a queue whose function is not in `custom.rabbitmq.rescale` */
export function sharedKeysOf(
  { functionKey, queue, virtualHost }: Trigger,
  all: readonly Trigger[],
  topologies: readonly ServiceTopology[],
  { rescale }: Settings,
): SharedKeys | undefined {
  const exchange = rescale[functionKey];
  if (exchange === undefined) return undefined;
  const isHere = (one: { readonly virtualHost?: string | undefined }): boolean => one.virtualHost === virtualHost;
  const here = topologies.filter(isHere);
  const ofQueue = here.flatMap(({ bindings }) => bindings).filter((binding) => binding.queue === queue);
  const weight = Number(ofQueue.find((binding) => binding.exchange === exchange)?.routingKey ?? '1');
  const known = all.filter((other) => isHere(other) && rescale[other.functionKey] === exchange);
  return {
    rescale: { exchange, weight, known: known.map((other) => other.queue) },
    topology: {
      ...EMPTY_TOPOLOGY,
      queues: declarationOf(
        queue,
        known.map((other) => other.queue),
        here,
      ),
      bindings: ofQueue.filter((binding) => binding.exchange !== exchange),
    },
  };
}

/**
 * Its own declaration in the topology, else that of another queue that shares the keys: a queue that is only added to the events
 * is like those.
 */
function declarationOf(
  queue: string,
  known: readonly string[],
  topologies: readonly ServiceTopology[],
): readonly QueueDeclaration[] {
  const declared = topologies.flatMap(({ queues }) => queues);
  const own = declared.find(({ name }) => name === queue);
  const like = own ?? declared.find(({ name }) => known.includes(name));
  return like === undefined ? [] : [{ ...like, name: queue }];
}
