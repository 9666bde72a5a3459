import type { Channel } from 'amqplib';
import { encodePartitionStatus, type PartitionStatus } from '../../partition-status/partition-status.js';
import { pause } from '../connection/backoff.js';
import { exists, type OpenChannel, openChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';

export interface Reporting {
  readonly exchange: string;
  /** How the partition is doing at this moment. */
  readonly read: () => PartitionStatus;
  readonly everyMs: number;
}

/** Whoever has not read a report for so long wants a newer one. */
const OUTDATED_MS = 10_000;

/** Reports of one partition on one connection, on a channel of their own: nobody's work depends on them. */
export class StatusReports {
  readonly #connection: Connection;
  readonly #reporting: Reporting;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #own: OpenChannel<Channel> | undefined;

  private constructor(connection: Connection, reporting: Reporting) {
    this.#connection = connection;
    this.#reporting = reporting;
    this.#ended = this.#run();
  }

  static start(connection: Connection, reporting: Reporting): StatusReports {
    return new StatusReports(connection, reporting);
  }

  /** Ends with a last report. Never throws; on a silent connection it takes until that is given up. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
    this.#report();
    await this.#own?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    for (;;) {
      await pause(this.#reporting.everyMs, signal);
      if (signal.aborted) return;
      await this.#findExchange();
      this.#report();
    }
  }

  /** On a channel that the broker has closed, nothing goes out until the exchange is there again. */
  async #findExchange(): Promise<void> {
    if (this.#own !== undefined && this.#own.gone() === undefined) return;
    this.#own = undefined;
    const { exchange } = this.#reporting;
    try {
      const isThere = await exists(this.#connection, (channel) => channel.checkExchange(exchange));
      if (isThere) this.#own = await openChannel(this.#connection);
    } catch {
      // The connection is going, and whoever works on it hears of that.
    }
  }

  #report(): void {
    // What a blocked connection is given piles up here.
    if (this.#own === undefined || this.#own.gone() !== undefined || this.#connection.blocked) return;
    const content = Buffer.from(encodePartitionStatus(this.#reporting.read()));
    try {
      this.#own.channel.publish(this.#reporting.exchange, '', content, {
        contentType: 'application/json',
        type: 'partition status',
        expiration: OUTDATED_MS,
      });
    } catch {
      // On a closed channel amqplib throws at once; the next report finds another one.
    }
  }
}
