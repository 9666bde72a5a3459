import { isAccessRefused, openChannel } from '../../../lib/rabbitmq/connection/channel.js';
import { type Supervision, superviseConnection } from '../../../lib/rabbitmq/connection/supervise-connection.js';
import { ALARM_PROBE } from '../../../lib/shop/floor/streams.js';
import { pause } from '../../../lib/waiting/backoff.js';

const PROBE_EVERY_MS = 5_000;
const LOOK_EVERY_MS = 500;
const LONGEST_REASON = 100;

export interface AlarmsWatch extends Omit<Supervision, 'connectionName' | 'backoff'> {
  readonly somebodyLooks: () => Promise<void>;
  /** Called with the broker's reason for accepting no messages, such as `low on disk`; undefined while it accepts them. */
  readonly onAlarm: (because: string | undefined) => void;
}

/**
 * Reports whether the broker is short of memory or disk, while someone is watching, until the signal aborts. The broker tells
 * only connections that send, and then reads nothing from them, so a separate connection sends an empty message to no queue from
 * time to time (https://www.rabbitmq.com/docs/connection-blocked).
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
        // A user without the right to send is told of no alarm.
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
