import { WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { type OursOrders, startOurs } from './ours-worker.js';
import { heldBytes, serveParent, usage } from './parent.js';
import { shopCatalog } from './work.js';

/** A process with one of our workers for each queue. */
const orders = JSON.parse(process.argv[2] ?? '') as OursOrders;
const workers = await Promise.all(WORKER_QUEUES.map((queue) => startOurs(queue, orders, shopCatalog())));

serveParent({
  usage,
  heldBytes,
  replayMs: () => workers.map(({ replayMs }) => replayMs()).find((ms) => ms !== undefined),
});
