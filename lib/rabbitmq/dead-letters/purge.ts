import type { Connection } from '../connection/connection.js';
import { Publisher } from '../publishing/publisher.js';
import { type TakenOut, type TakeOutOptions, takeOut } from './take-out.js';

const AT_ONCE = 256;
const CONFIRM_TIMEOUT_MS = 30_000;

/** Deletes dead letters for good; the log keeps a record of them. @throws ChannelGoneError */
export async function purge(connection: Connection, purging: TakeOutOptions): Promise<TakenOut> {
  const publisher = await Publisher.open(connection, CONFIRM_TIMEOUT_MS);
  try {
    return await takeOut(connection, purging, {
      kind: 'purged',
      publisher,
      atOnce: AT_ONCE,
      pace: async () => undefined,
      act: async () => [],
    });
  } finally {
    await publisher.close();
  }
}
