/** For serverless.yml. */
export { wholeTopology as topology } from '../topology/shop-topology.js';
