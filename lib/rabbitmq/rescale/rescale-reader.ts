import { randomUUID } from 'node:crypto';
import { ChannelGoneError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { offsetOf } from '../connection/stream-offset.js';
import { readStream } from '../consuming/read-stream.js';
import { lastOffset } from '../consuming/stream-end.js';
import { decodeRescaleRecord, type RescaleRecord } from './rescale-record.js';
import { afterRecord, NOTHING_YET, type RescaleState } from './rescale-state.js';

/** The stream that records which queues share an exchange's keys, and every change. */
export function rescaleStreamOf(exchange: string): string {
  return `${exchange}.rescale`;
}

/** An exchange's rescale stream, read as it is written: everyone reads the same records in the same order. */
export class RescaleReader {
  protected readonly stream: string;
  protected readonly signal: AbortSignal;
  /** The prefix of the ids of our own records, if we write here, too. */
  protected readonly nonce = randomUUID();
  /** The number of the newest of these records that has come back. */
  protected seen = 0;
  readonly #connection: Connection;
  readonly #listeners = new Set<(record: RescaleRecord) => void>();
  #state = NOTHING_YET;
  #offset = -1;
  #over: Error | undefined;
  #wakers: (() => void)[] = [];

  protected constructor(connection: Connection, exchange: string, signal: AbortSignal) {
    this.#connection = connection;
    this.stream = rescaleStreamOf(exchange);
    this.signal = signal;
  }

  /** Reads the contents of the stream, which must exist, and continues until the connection ends. @throws ChannelGoneError */
  static async follow(connection: Connection, exchange: string, signal: AbortSignal): Promise<RescaleReader> {
    return new RescaleReader(connection, exchange, signal).begin();
  }

  protected async begin(): Promise<this> {
    void this.#read().catch((error: Error) => this.#end(error));
    await this.catchUp();
    return this;
  }

  get state(): RescaleState {
    return this.#state;
  }

  /** Whether nothing more is read. */
  get hasEnded(): boolean {
    return this.#over !== undefined;
  }

  /** Waits until everything written so far has been read, as far as the broker can tell. @throws ChannelGoneError */
  async catchUp(): Promise<void> {
    const end = await lastOffset(this.#connection, this.stream, this.signal);
    await this.until(() => this.#offset >= end);
  }

  /** Called for each record from now on. @returns a function that stops this */
  listen(listener: (record: RescaleRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until a condition holds that records can change. @throws Error when reading has ended, or the signal has aborted */
  async until(holds: () => boolean, signal: AbortSignal = this.signal): Promise<void> {
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
    for await (const entries of readStream(this.#connection, this.stream, { from: 'first' })) {
      for (const entry of entries) {
        const [nonce, number] = String(entry.properties.messageId).split('.');
        const record = decodeRescaleRecord(entry.content);
        if (record !== undefined) {
          this.#state = afterRecord(this.#state, record);
          for (const listener of this.#listeners) listener(record);
        }
        this.#offset = offsetOf(entry);
        if (nonce === this.nonce) this.seen = Math.max(this.seen, Number(number));
      }
      this.#wake();
    }
    this.#end(new ChannelGoneError(`${this.stream}: reading has ended`));
  }

  #end(error: Error): void {
    this.#over ??= error;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakers.splice(0)) wake();
  }
}
