import { decodeLogEntry, type LogEntry } from '../../../lib/dead-letters/log-entry.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { readStream } from '../../../lib/rabbitmq/consuming/read-stream.js';
import { instantOf } from '../../../lib/shop/domain/instant.js';
import { DEAD_LETTER_LOG } from '../../../lib/shop/domain/topology.js';
import type { Removed } from '../../../lib/shop/floor/floor-event.js';
import { Reasons } from './reasons.js';

/** Nothing for this long: all reasons of the past are known. */
const QUIET_MS = 300;

export interface FollowedReasons {
  readonly reasons: Reasons;
  /** Resolves when the signal has aborted. @throws ChannelGoneError */
  readonly ended: Promise<void>;
}

/**
 * Reads why messages were rejected, and tells of those that people took out; resolves when the past is known, and goes on.
 * @throws ChannelGoneError
 */
export async function followReasons(
  connection: Connection,
  signal: AbortSignal,
  onRemoved: (events: readonly Removed[]) => void,
): Promise<FollowedReasons> {
  const reasons = new Reasons();
  let tell = (): void => undefined;
  const pastTold = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const ended = (async () => {
    const options = { from: 'first', signal, quietMs: QUIET_MS, onQuiet: tell } as const;
    for await (const messages of readStream(connection, DEAD_LETTER_LOG, options)) {
      const entries = messages.flatMap(({ content }) => decodeLogEntry(content.toString()) ?? []);
      reasons.tell(entries);
      onRemoved(entries.flatMap(removedBy));
    }
  })();
  await Promise.race([pastTold, ended]);
  return { reasons, ended };
}

function removedBy({ kind, id, at }: LogEntry): Removed[] {
  if (kind === 'rejected') return [];
  return [{ kind: 'removed', key: `${id} ${kind}`, at: instantOf(at) ?? Date.now(), id, fate: kind }];
}
