import { queueOf } from '../../../lib/rabbitmq/ring/hash-ring.js';
import { WORKER_QUEUES } from '../../../lib/shop/domain/topology.js';
import { queueOfName } from '../../../lib/shop/floor/live-workers.js';
import type { ShopFloor } from '../../../lib/shop/floor/shop-floor.js';
import type { ShopStatus } from '../../../lib/shop/floor/shop-status.js';
import { fitRing } from '../topology/owner.js';
import type { OwnerMessage } from './page-messages.js';

/** Which worker has a product, by the hash ring of the existing queues, in the order that explains the products seen so far. */
export function tellOwner(product: string, floor: ShopFloor, status: ShopStatus): OwnerMessage {
  const present = status.queues.filter((queue) => queue.role === 'worker' && queue.present).map(({ name }) => name);
  const { ring, fits, of } = fitRing(present.length > 0 ? present : WORKER_QUEUES, seenOn(floor, status));
  return { queue: queueOf(product, ring), queues: ring.length, fits, of };
}

function seenOn({ workers, deadLetters }: ShopFloor, status: ShopStatus) {
  const seen = [
    ...workers.flatMap(({ worker, products }) =>
      products.map((product) => ({ product, queue: queueOfName(worker, status) })),
    ),
    ...deadLetters.flatMap(({ event, queue }) => (event === undefined ? [] : [{ product: event.product, queue }])),
  ];
  return [...new Map(seen.map((one) => [JSON.stringify([one.product, one.queue]), one])).values()];
}
