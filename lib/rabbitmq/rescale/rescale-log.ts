import { randomUUID } from 'node:crypto';
import { ChannelGoneError, onOwnChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { readStream } from '../consuming/read-stream.js';
import { lastOffset } from '../consuming/stream-end.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import { decodeRescaleRecord, encodeRescaleRecord, type RescaleRecord } from './rescale-record.js';
import { afterRecord, NOTHING_YET, type RescaleState } from './rescale-state.js';

/** The stream that says which queues share an exchange's keys, and how that changes. */
export function rescaleStreamOf(exchange: string): string {
  return `${exchange}.rescale`;
}

/** A record has some hundred bytes. What is cut off at the beginning, the records behind it repeat. */
const RETENTION_BYTES = 16 * 1024 * 1024;

const ARGUMENTS = {
  'x-queue-type': 'stream',
  'x-max-length-bytes': RETENTION_BYTES,
  'x-stream-max-segment-size-bytes': RETENTION_BYTES / 16,
};

/** An exchange's rescale stream, read as it is written: everybody reads the same records in the same order. */
export class RescaleLog {
  readonly #connection: Connection;
  readonly #stream: string;
  readonly #publishing: PublishContext;
  readonly #nonce = randomUUID();
  readonly #listeners = new Set<(record: RescaleRecord) => void>();
  #state = NOTHING_YET;
  #offset = -1;
  /** How many of our own records have been written, and how many of them have come back. */
  #written = 0;
  #seen = 0;
  #over: Error | undefined;
  #wakers: (() => void)[] = [];

  private constructor(connection: Connection, stream: string, publishing: PublishContext) {
    this.#connection = connection;
    this.#stream = stream;
    this.#publishing = publishing;
  }

  /** Declares the stream where it is missing, and reads what it holds. Reading goes on until the connection ends. */
  static async open(connection: Connection, exchange: string, publishing: PublishContext): Promise<RescaleLog> {
    const stream = rescaleStreamOf(exchange);
    await onOwnChannel(connection, (channel) => channel.assertQueue(stream, { durable: true, arguments: ARGUMENTS }));
    const log = new RescaleLog(connection, stream, publishing);
    void log.#read().catch((error: Error) => log.#end(error));
    await log.catchUp();
    return log;
  }

  /** Waits until all is read that has been written by now. @throws ChannelGoneError */
  async catchUp(): Promise<void> {
    const end = await lastOffset(this.#connection, this.#stream, this.#publishing.signal);
    await this.until(() => this.#offset >= end);
  }

  /** Whether nothing more is read. */
  get hasEnded(): boolean {
    return this.#over !== undefined;
  }

  get state(): RescaleState {
    return this.#state;
  }

  /** Writes a record and waits until it comes back; the state then says what became of it. @throws ChannelGoneError */
  async append(record: RescaleRecord): Promise<void> {
    const number = ++this.#written;
    await publishUntilConfirmed(this.#publishing, [
      {
        exchange: '',
        routingKey: this.#stream,
        content: encodeRescaleRecord(record),
        messageId: `${this.#nonce}.${number}`,
        mustRoute: true,
        properties: { persistent: true, contentType: 'application/json', type: record.kind },
      },
    ]);
    await this.until(() => this.#seen >= number);
  }

  /** Told of each record that comes from now on. @returns what ends it */
  listen(listener: (record: RescaleRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until something holds that records change. @throws Error when reading has ended, or the signal has aborted */
  async until(holds: () => boolean, signal: AbortSignal = this.#publishing.signal): Promise<void> {
    while (!holds()) {
      if (this.#over !== undefined) throw this.#over;
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake);
        this.#wakers.push(wake);
      });
    }
  }

  async #read(): Promise<void> {
    for await (const entries of readStream(this.#connection, this.#stream, { from: 'first' })) {
      for (const entry of entries) {
        const [nonce, number] = String(entry.properties.messageId).split('.');
        const record = decodeRescaleRecord(entry.content);
        if (record !== undefined) {
          this.#state = afterRecord(this.#state, record);
          for (const listener of this.#listeners) listener(record);
        }
        this.#offset = offsetOf(entry);
        if (nonce === this.#nonce) this.#seen = Math.max(this.#seen, Number(number));
      }
      this.#wake();
    }
    this.#end(new ChannelGoneError(`${this.#stream}: reading has ended`));
  }

  #end(error: Error): void {
    this.#over ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}
