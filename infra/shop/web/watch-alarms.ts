import { isAccessRefused, openChannel } from '../../../lib/rabbitmq/connection/channel.js';
import { type Supervision, superviseConnection } from '../../../lib/rabbitmq/connection/connection.js';
import { ALARM_PROBE } from '../../../lib/shop/floor/streams.js';
import { pause } from '../../../lib/waiting/backoff.js';

const PROBE_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 500;
const LONGEST_REASON = 100;

export interface AlarmsWatch extends Omit<Supervision, 'connectionName' | 'backoff'> {
  readonly somebodyLooks: () => Promise<void>;
  /** Told why the broker takes no messages, as it says it, such as `low on disk`; undefined where it takes them. */
  readonly onAlarm: (because: string | undefined) => void;
}

/**
 * Tells whether the broker is short of memory or disk, while somebody looks, until the signal aborts. It says so only to those
 * who send, and then reads nothing from them: so a connection of its own sends an empty message to no queue now and then
 * (https://www.rabbitmq.com/docs/connection-blocked).
 */
export async function watchAlarms(watching: AlarmsWatch): Promise<void> {
  const { somebodyLooks, onAlarm, signal } = watching;
  const supervision = {
    ...watching,
    connectionName: 'shop floor looks for alarms',
    backoff: { firstMs: 1_000, maxMs: 30_000 },
  };
  await superviseConnection(supervision, async (connection, works) => {
    const { channel, gone } = await openChannel(connection);
    works();
    let probedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      await somebodyLooks();
      const lost = gone();
      if (lost !== undefined) {
        onAlarm(undefined);
        // A user who may not send hears of no alarm.
        if (isAccessRefused(lost)) return;
        throw lost;
      }
      if (!connection.blocked && performance.now() - probedAt >= PROBE_EVERY_MS) {
        channel.publish(ALARM_PROBE, '', Buffer.alloc(0));
        probedAt = performance.now();
      }
      await pause(LOOK_EVERY_MS, signal);
      onAlarm(connection.blockedBecause?.slice(0, LONGEST_REASON));
    }
  });
}
