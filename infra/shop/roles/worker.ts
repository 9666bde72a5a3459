import { shoppingWorker } from '../../../handlers/shopping-worker.js';
import { newFunctionIdentity } from '../../../lib/lambda/runtime/function-identity.js';
import { type KeySource, keysOf } from '../../../lib/rabbitmq/changelog/keys.js';
import { exists } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import type { SettledMessage } from '../../../lib/rabbitmq/observing/batch-report.js';
import type { RescaleSettings } from '../../../lib/rabbitmq/rescale/settings.js';
import { mergeTopologies } from '../../../lib/rabbitmq/topology/merge.js';
import { checkTopology } from '../../../lib/rabbitmq/topology/topology.js';
import { isPickUpTime } from '../../../lib/shop/domain/basket.js';
import type { Catalog } from '../../../lib/shop/domain/catalog.js';
import type { ShoppingEvent } from '../../../lib/shop/domain/events.js';
import {
  DEAD_LETTER_LOG,
  SHOP,
  SHOPPING_EVENTS_EXCHANGE,
  WORKER_QUEUES,
  WORKER_STATUS,
  workerQueue,
} from '../../../lib/shop/domain/topology.js';
import { type Verdict, verdictOnAccepted } from '../../../lib/shop/domain/verdict.js';
import { decodeShoppingEvent, encodeShoppingEvent, type WireShoppingEvent } from '../../../lib/shop/domain/wire.js';
import { StagedStore } from '../../../lib/state/staged-store.js';
import { DECLARED_BY } from '../topology/declared-by.js';
import { type Role, type RoleOptions, startRole } from './role.js';

export interface WorkerOptions extends RoleOptions {
  readonly id: string;
  readonly queue: string;
  /** The queue's share of the products, relative to the weights of all other queues. */
  readonly weight?: number;
  readonly catalog: () => Catalog;
  /** The keys that sign its changelog. Default: none. */
  readonly keys?: KeySource | undefined;
  /** Whether `events record` may record it. */
  readonly recordable?: boolean;
  readonly onEvent?: (seen: SeenEvent) => void;
  /** Called when baskets have moved, and when the queue has left the others. */
  readonly onChange?: RescaleSettings['onChange'];
}

/** One event that a worker has settled. */
export interface SeenEvent {
  readonly worker: string;
  readonly verdict: Verdict;
  readonly reason?: string;
  readonly messageId: string | undefined;
  /** The message body; the beginning of its text if it could not be decoded. */
  readonly event: WireShoppingEvent | string;
}

export interface Worker extends Role {
  /** Product -> time of the pick up. */
  basket(): ReadonlyMap<string, string>;
  /** Every event that it could decode, including rejected ones, in order of arrival: the latest 10,000. */
  readonly shoppingEvents: readonly ShoppingEvent[];
}

const EVENTS_KEPT = 10_000;
const TEXT_SHOWN = 1000;

/** Runs one shopping worker on its queue, and declares what it needs. */
export function startWorker(options: WorkerOptions): Worker {
  const { id, queue, weight, catalog, keys, recordable = false, amqpUrl, log, signal, onEvent, onChange } = options;
  const store = new StagedStore<string>();
  const shoppingEvents: ShoppingEvent[] = [];
  const role = startRole<string>(
    {
      amqpUrl,
      queue,
      connectionName: id,
      identity: newFunctionIdentity({ functionName: id }),
      handler: shoppingWorker(catalog),
      store,
      changelog: { isValue: isPickUpTime, ...(keys !== undefined && { keys: keysOf(keys) }) },
      rescale: {
        exchange: SHOPPING_EVENTS_EXCHANGE,
        known: WORKER_QUEUES,
        ...(weight !== undefined && { weight }),
        ...(onChange !== undefined && { onChange }),
      },
      topology: { ...mergeTopologies(SHOP, workerQueue(queue)), bindings: SHOP.bindings, declaredBy: DECLARED_BY },
      deadLetterLog: DEAD_LETTER_LOG,
      statusExchange: WORKER_STATUS,
      recordable,
      log,
      signal,
    },
    (message) => {
      const decoded = decodeShoppingEvent(message.delivery.content);
      if (decoded.ok) {
        shoppingEvents.push(decoded.value);
        if (shoppingEvents.length > EVENTS_KEPT) shoppingEvents.shift();
      }
      onEvent?.(seenBy(id, message, decoded.ok ? decoded.value : undefined));
    },
  );
  return { ...role, shoppingEvents, basket: () => new Map(store.entries()) };
}

/**
 * What a worker would find: no shop yet, no such queue, a free queue, a queue that another worker serves, or one that it would
 * share with another worker because it was not declared for one at a time.
 */
export async function findQueue(
  connection: Connection,
  queue: string,
): Promise<'no shop' | 'no queue' | 'free' | 'taken' | 'shared'> {
  if (!(await exists(connection, (channel) => channel.checkExchange(SHOPPING_EVENTS_EXCHANGE)))) return 'no shop';
  let consumers = 0;
  const isThere = await exists(connection, async (channel) => {
    consumers = (await channel.checkQueue(queue)).consumerCount;
  });
  if (!isThere) return 'no queue';
  if (consumers === 0) return 'free';
  const deviations = await checkTopology(connection, { ...workerQueue(queue), bindings: [] });
  const points = deviations.flatMap(({ differences }) => (differences === 'missing' ? [] : differences));
  return points.some(({ point }) => point === 'x-single-active-consumer') ? 'shared' : 'taken';
}

function seenBy(worker: string, message: SettledMessage, event: ShoppingEvent | undefined): SeenEvent {
  const { delivery, reason } = message;
  return {
    worker,
    verdict: verdictOn(message, event),
    ...(reason !== undefined && { reason }),
    messageId: delivery.properties.messageId,
    event: event ? encodeShoppingEvent(event) : delivery.content.subarray(0, TEXT_SHOWN).toString(),
  };
}

function verdictOn({ verdict }: SettledMessage, event: ShoppingEvent | undefined): Verdict {
  if (verdict !== 'accepted') return verdict;
  if (event === undefined) throw new Error('an event was accepted that cannot be decoded');
  return verdictOnAccepted(event.type);
}
