import { NO_STREAMS } from '../connection/amazon-mq.js';
import type { Connection } from '../connection/connection.js';
import { bindWherePermitted, declareMissing } from '../connection/declare-missing.js';
import { UnservableError } from '../connection/fatal-error.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { RescaleReader, rescaleStreamOf } from './rescale-reader.js';
import { encodeRescaleRecord, type RescaleRecord } from './rescale-record.js';
import { isAtRest } from './rescale-state.js';

/** A record has a few hundred bytes. Later records repeat what is cut off at the beginning. */
const RETENTION_BYTES = 16 * 1024 * 1024;

const ARGUMENTS = {
  'x-queue-type': 'stream',
  'x-max-length-bytes': RETENTION_BYTES,
  'x-stream-max-segment-size-bytes': RETENTION_BYTES / 16,
};

/**
 * Declares the stream of an exchange's ring if it is missing, and the direct exchange of the same name through which all control
 * messages are sent, each with its queue's name as routing key.
 * @throws UnservableError on Amazon MQ; RefusedError if one is missing and may not be declared
 */
export async function declareRescaleLog(connection: Connection, exchange: string, declaredBy?: string): Promise<void> {
  const stream = rescaleStreamOf(exchange);
  if (connection.isAmazonMq) {
    throw new UnservableError(`the ring of ${exchange} would be kept in the stream ${stream}, but ${NO_STREAMS}`);
  }
  await declareMissing(connection, {
    thing: `stream ${stream}`,
    check: (channel) => channel.checkQueue(stream),
    declare: (channel) => channel.assertQueue(stream, { durable: true, arguments: ARGUMENTS }),
    declaredBy,
  });
  await declareMissing(connection, {
    thing: `exchange ${stream}`,
    check: (channel) => channel.checkExchange(stream),
    declare: (channel) => channel.assertExchange(stream, 'direct', { durable: true }),
    declaredBy,
  });
  await bindWherePermitted(connection, { queue: stream, exchange: stream, routingKey: stream });
}

/** An exchange's rescale stream, to be read and written. */
export class RescaleLog extends RescaleReader {
  readonly #publishing: PublishContext;
  #written = 0;

  private constructor(connection: Connection, exchange: string, publishing: PublishContext) {
    super(connection, exchange, publishing.signal);
    this.#publishing = publishing;
  }

  /** Declares it if it is missing, and reads its contents. @throws ChannelGoneError; as declareRescaleLog */
  static async open(
    connection: Connection,
    exchange: string,
    publishing: PublishContext,
    declaredBy?: string,
  ): Promise<RescaleLog> {
    await declareRescaleLog(connection, exchange, declaredBy);
    return new RescaleLog(connection, exchange, publishing).begin();
  }

  /**
   * Waits until everything written so far has been read, for certain: until our own record comes back. @throws ChannelGoneError
   */
  override async catchUp(): Promise<void> {
    const { epoch, ring } = this.state;
    const isKnown = epoch > 0 && isAtRest(this.state);
    await this.append({ kind: 'mark', ...(isKnown && { epoch, ring }) });
  }

  /** Writes a record and waits until it comes back; the state then shows its effect. @throws ChannelGoneError */
  async append(record: RescaleRecord): Promise<void> {
    const number = ++this.#written;
    await publishUntilConfirmed(this.#publishing, [
      {
        exchange: this.stream,
        routingKey: this.stream,
        content: encodeRescaleRecord(record),
        messageId: `${this.nonce}.${number}`,
        mustRoute: true,
        properties: { persistent: true, contentType: 'application/json', type: record.kind },
      },
    ]);
    await this.until(() => this.seen >= number);
  }
}
