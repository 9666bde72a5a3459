import { decodeLogEntry, type LogEntry } from '../../../lib/dead-letters/log-entry.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { readStream } from '../../../lib/rabbitmq/consuming/read-stream.js';
import { instantOf } from '../../../lib/shop/domain/instant.js';
import { DEAD_LETTER_LOG } from '../../../lib/shop/domain/topology.js';
import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import { readRefused } from '../../../lib/shop/floor/read-message.js';

/** More than the log holds. */
const OPEN_REMEMBERED = 100_000;

export interface FollowLogOptions {
  readonly signal: AbortSignal;
  readonly open: Set<string>;
  readonly onEvents: (events: readonly FloorEvent[]) => void;
}

/**
 * Reads rejections, redrives and purges from the log of dead letters until the signal aborts. It does not use the dead-letter
 * exchange: a stream bound to it ends RabbitMQ's dead-lettering as soon as a header cannot be stored.
 * @param open ids of letters that no one has removed, kept up to date; at most {@link OPEN_REMEMBERED}
 * @throws ChannelGoneError
 */
export async function followLog(connection: Connection, { signal, open, onEvents }: FollowLogOptions): Promise<void> {
  for await (const messages of readStream(connection, DEAD_LETTER_LOG, { from: 'first', signal })) {
    const entries = messages.flatMap(({ content }) => decodeLogEntry(content.toString()) ?? []);
    onEvents(entries.filter((entry) => isNews(open, entry)).map(eventOf));
  }
}

/** A worker that is killed between the entry and the rejection writes another entry. */
function isNews(open: Set<string>, { kind, id }: LogEntry): boolean {
  if (kind !== 'rejected') open.delete(id);
  else if (open.has(id)) return false;
  else if (open.size < OPEN_REMEMBERED) open.add(id);
  return true;
}

function eventOf(entry: LogEntry): FloorEvent {
  const { kind, id, at, by } = entry;
  const key = `${id} ${kind}`;
  const now = Date.now();
  if (kind === 'rejected') return readRefused(entry, { key, now });
  return { kind: 'removed', key, at: instantOf(at) ?? now, id, fate: kind, ...(by !== undefined && { by }) };
}
