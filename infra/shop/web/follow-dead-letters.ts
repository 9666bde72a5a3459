import { deathOf } from '../../../lib/dead-letters/death.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { readStream } from '../../../lib/rabbitmq/consuming/read-stream.js';
import { deadLetterId } from '../../../lib/rabbitmq/dead-letters/dead-letter-log.js';
import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import { isRejected, readDeadLetter } from '../../../lib/shop/floor/read-message.js';
import { DEAD_LETTER_STREAM } from '../../../lib/shop/floor/streams.js';
import { readingOf } from './reading.js';
import type { Reasons } from './reasons.js';

/** Reads dead letters, each with the reason that its worker wrote down, until the signal aborts. @throws ChannelGoneError */
export async function followDeadLetters(
  connection: Connection,
  reasons: Reasons,
  signal: AbortSignal,
  onEvents: (events: readonly FloorEvent[]) => void,
): Promise<void> {
  for await (const messages of readStream(connection, DEAD_LETTER_STREAM, { from: 'first', signal })) {
    const letters = messages.map((message) => ({ message, id: deadLetterId(message) }));
    const rejected = letters.filter(({ message }) => isRejected(deathOf(message.properties.headers)));
    const ids = rejected.map(({ id }) => id);
    await reasons.awaited(ids, signal);
    const events = letters.map(({ message, id }) =>
      readDeadLetter(message, readingOf(DEAD_LETTER_STREAM, message), {
        id,
        reason: reasons.of(id),
        fate: reasons.fateOf(id),
      }),
    );
    // An event that was sent back and refused again has another id, and is a dead letter again.
    onEvents(events);
  }
}
