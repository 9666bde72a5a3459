import { parseRecordingLine, type RecordingLine } from '../../recording/recording-line.js';
import {
  encodeRequest,
  LEASE_MS,
  REQUESTS_EXCHANGE,
  type RecordingRequest,
  requestsKey,
} from '../../recording/request.js';
import { pause } from '../../waiting/backoff.js';
import { exists, onOwnChannel, openChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { Publisher } from '../publishing/publisher.js';

export interface RecordOptions {
  readonly queue: string;
  /** Asks for the end; lines in transit still arrive. */
  readonly signal: AbortSignal;
  /** Messages that arrive from now on are recorded. */
  readonly onHeard?: () => void;
  /** Each line as it arrived, and its contents. */
  readonly onLine: (json: string, line: RecordingLine) => void;
}

/** No poller of the queue may be recorded, or there are too many recordings of it already. */
export class NotRecordedError extends Error {
  override readonly name = 'NotRecordedError';

  constructor(queue: string, reason?: string) {
    super(reason === undefined ? `No poller of ${queue} can be recorded` : `${queue} is not recorded: ${reason}`);
  }
}

const CONFIRM_MS = 10_000;
/** For a poller that starts at the same time. */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 200;
/** The wait for the last line, if a poller has gone in the meantime. */
const END_MS = 2_000;

/**
 * Asks the poller of a queue for copies of everything that its function gets, until the signal aborts. No message is taken from
 * the queue.
 * @throws NotRecordedError; ChannelGoneError when the connection is lost
 */
export async function record(connection: Connection, { queue, signal, onHeard, onLine }: RecordOptions): Promise<void> {
  const own = await openChannel(connection);
  const publisher = await Publisher.open(connection, CONFIRM_MS);
  const { queue: replyTo } = await own.channel.assertQueue('', { exclusive: true });
  const ending = new AbortController();
  own.onGone(() => ending.abort());
  let begun = false;
  let served = false;
  let refusal: NotRecordedError | undefined;
  const startedAt = performance.now();
  await own.channel.consume(
    replyTo,
    (message) => {
      const json = message?.content.toString() ?? '';
      const line = parseRecordingLine(json);
      if (line.kind === 'refused') {
        refusal ??= new NotRecordedError(queue, line.reason);
        ending.abort();
      } else if (line.kind !== 'end') {
        begun = true;
        onLine(json, line);
      } else if (line.begun === begun) ending.abort();
    },
    { noAck: true },
  );
  /** @returns whether any poller receives it */
  const ask = async (wish: RecordingRequest['wish']): Promise<boolean> =>
    (served || (await hears(connection, replyTo))) && askFor(publisher, queue, { replyTo, wish });
  try {
    while (!signal.aborted && !ending.signal.aborted) {
      const heard = await ask('record');
      if (heard && !served) onHeard?.();
      served ||= heard;
      // It may be starting now, or restart later.
      if (!served && performance.now() > startedAt + PATIENCE_MS) throw new NotRecordedError(queue);
      await pause(served ? LEASE_MS / 3 : AGAIN_MS, AbortSignal.any([signal, ending.signal]));
    }
    if (refusal !== undefined) throw refusal;
    const gone = own.gone();
    if (gone !== undefined) throw gone;
    if (await ask('end')) await pause(END_MS, ending.signal);
  } finally {
    await publisher.close();
    await own.close();
  }
}

/** Directs the lines to a queue. @returns whether there is an exchange to ask through: the first recordable poller declares it */
export async function hears(connection: Connection, replyTo: string): Promise<boolean> {
  if (!(await exists(connection, (channel) => channel.checkExchange(REQUESTS_EXCHANGE)))) return false;
  await onOwnChannel(connection, (channel) => channel.bindQueue(replyTo, REQUESTS_EXCHANGE, replyTo));
  return true;
}

/**
 * @returns whether any poller receives it
 * @throws PublishError if the broker refuses it
 */
export async function askFor(publisher: Publisher, queue: string, wish: RecordingRequest): Promise<boolean> {
  const [failure] = await publisher.publishAll([request(queue, wish)]);
  if (failure !== undefined && failure.failure !== 'returned') throw failure;
  return failure === undefined;
}

function request(queue: string, wish: RecordingRequest) {
  return {
    exchange: REQUESTS_EXCHANGE,
    routingKey: requestsKey(queue),
    content: Buffer.from(encodeRequest(wish)),
    messageId: wish.replyTo,
    mustRoute: true,
    properties: { contentType: 'application/json', type: 'recording request' },
  };
}
