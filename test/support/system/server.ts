import { serverCache } from '../../../infra/broker/server-cache.js';
import { findServer } from '../../../infra/broker/server-location.js';

/** If no RabbitMQ is installed, one is unpacked once, rather than by every test. */
export default async function unpackServer(): Promise<void> {
  await findServer({ cacheFolder: await serverCache(), renew: false, onProgress: () => undefined, signal: undefined });
}
