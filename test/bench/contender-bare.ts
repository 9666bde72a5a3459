import { WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { type BareOrders, startBareWorker } from './bare-worker.js';
import { serveParent, usage } from './parent.js';
import { shopCatalog } from './work.js';

/** A process with a bare worker for each queue. */
const orders = JSON.parse(process.argv[2] ?? '') as BareOrders;
for (const queue of WORKER_QUEUES) await startBareWorker(queue, orders, shopCatalog());

serveParent({ usage });
