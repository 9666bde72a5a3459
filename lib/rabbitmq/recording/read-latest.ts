import { parseRecordingLine, type RecordingLine } from '../../recording/recording-line.js';
import { pause } from '../../waiting/backoff.js';
import { openChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { Publisher } from '../publishing/publisher.js';
import { askFor, hears, NotRecordedError } from './record.js';

export interface ReadLatestOptions {
  readonly queue: string;
  /** Only this invocation: the `awsRequestId` of its context. */
  readonly requestId?: string;
  /** Each line as it arrived, and its contents. */
  readonly onLine: (json: string, line: RecordingLine) => void;
}

const CONFIRM_MS = 10_000;
/** The wait for the next line, and for others that serve the queue: a standby has nothing to send. */
const PATIENCE_MS = 2_000;
const MOST_TIMES = 3;

/**
 * Asks the pollers of a queue for a recording of past invocations: the latest, at most a hundred, with the memory that the first
 * of them began with. No message is taken from the queue.
 * @returns whether there is any such invocation
 * @throws NotRecordedError; ChannelGoneError when the connection is lost
 */
export async function readLatest(
  connection: Connection,
  { queue, requestId, onLine }: ReadLatestOptions,
): Promise<boolean> {
  const own = await openChannel(connection);
  const publisher = await Publisher.open(connection, CONFIRM_MS);
  const ended = new AbortController();
  own.onGone(() => ended.abort());
  let heard = new AbortController();
  let answered = false;
  let begun = false;
  let refusal: string | undefined;
  try {
    const { queue: replyTo } = await own.channel.assertQueue('', { exclusive: true });
    await own.channel.consume(
      replyTo,
      (message) => {
        const json = message?.content.toString() ?? '';
        const line = parseRecordingLine(json);
        answered = true;
        heard.abort();
        if (line.kind === 'refused') refusal = line.reason;
        else if (line.kind !== 'end') {
          begun = true;
          onLine(json, line);
        } else if (line.begun) ended.abort();
      },
      { noAck: true },
    );
    const wish = { replyTo, wish: 'latest' as const, ...(requestId !== undefined && { requestId }) };
    if (!(await hears(connection, replyTo))) throw new NotRecordedError(queue);
    for (let asked = 1; ; asked++) {
      refusal = undefined;
      if (!(await askFor(publisher, queue, wish))) throw new NotRecordedError(queue);
      do {
        heard = new AbortController();
        await pause(PATIENCE_MS, AbortSignal.any([heard.signal, ended.signal]));
      } while (heard.signal.aborted && !ended.signal.aborted);
      // By then the second in which someone else has asked is over.
      if (begun || refusal === undefined || asked === MOST_TIMES) break;
    }
    const gone = own.gone();
    if (gone !== undefined) throw gone;
    if (!begun && refusal !== undefined) throw new NotRecordedError(queue, refusal);
    if (!answered) throw new NotRecordedError(queue, 'its poller does not answer, or is an older version');
    return begun;
  } finally {
    await publisher.close();
    await own.close();
  }
}
