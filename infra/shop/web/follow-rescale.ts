import { exists } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { RescaleReader, rescaleStreamOf } from '../../../lib/rabbitmq/rescale/rescale-reader.js';
import type { RescaleRecord } from '../../../lib/rabbitmq/rescale/rescale-record.js';
import { isAtRest, waitedFor } from '../../../lib/rabbitmq/rescale/rescale-state.js';
import { SHOPPING_EVENTS_EXCHANGE } from '../../../lib/shop/domain/topology.js';
import type { RescaleProgress } from '../../../lib/shop/floor/shop-status.js';
import { pause } from '../../../lib/waiting/backoff.js';

export interface FollowRescaleOptions {
  readonly signal: AbortSignal;
  /** Called with the rescale that is under way, or with nothing. */
  readonly onProgress: (progress: RescaleProgress | undefined) => void;
  /** Called with each record from now on. */
  readonly onRecord: (record: RescaleRecord) => void;
}

/** The first worker that rescales creates the stream. */
const LOOK_MS = 5_000;

/** Follows rescales until the signal aborts. @throws ChannelGoneError */
export async function followRescale(
  connection: Connection,
  { signal, onProgress, onRecord }: FollowRescaleOptions,
): Promise<void> {
  const stream = rescaleStreamOf(SHOPPING_EVENTS_EXCHANGE);
  while (!(await exists(connection, (channel) => channel.checkQueue(stream)))) {
    await pause(LOOK_MS, signal);
    if (signal.aborted) return;
  }
  const reader = await RescaleReader.follow(connection, SHOPPING_EVENTS_EXCHANGE, signal);
  const tell = (): void => onProgress(progressOf(reader));
  reader.listen((record) => {
    onRecord(record);
    if (record.kind !== 'who' && record.kind !== 'here') tell();
  });
  tell();
  await reader
    .until(() => signal.aborted, signal)
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
}

function progressOf(reader: RescaleReader): RescaleProgress | undefined {
  if (isAtRest(reader.state)) return undefined;
  const { goal } = reader.state;
  return { queues: goal.map(({ queue }) => queue), waitsFor: waitedFor(reader.state) };
}
