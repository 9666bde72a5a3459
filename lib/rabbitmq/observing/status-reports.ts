import type { Channel } from 'amqplib';
import { encodeInvocationReport } from '../../runner-status/invocation-report.js';
import type { InvocationReport } from '../../runner-status/read-invocation-report.js';
import type { RunnerStatus } from '../../runner-status/read-runner-status.js';
import { encodeRunnerStatus } from '../../runner-status/runner-status.js';
import { pause } from '../../waiting/backoff.js';
import { exists, isAccessRefused, type OpenChannel, openChannel } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';

export interface StatusReportOptions {
  readonly exchange: string;
  /** The state of the runner at this moment. */
  readonly read: () => RunnerStatus;
  readonly everyMs: number;
}

/** A reader that has seen no report for this long wants a newer one. */
const OUTDATED_MS = 10_000;
/** Before there is a channel. */
const MOST_WAITING = 20;

/** The reports of one runner on one connection, on a separate channel, because no one's work depends on them. */
export class StatusReports {
  readonly #connection: Connection;
  readonly #reporting: StatusReportOptions;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #own: OpenChannel<Channel> | undefined;
  readonly #waiting: InvocationReport[] = [];

  private constructor(connection: Connection, reporting: StatusReportOptions) {
    this.#connection = connection;
    this.#reporting = reporting;
    this.#ended = this.#run();
  }

  static start(connection: Connection, reporting: StatusReportOptions): StatusReports {
    return new StatusReports(connection, reporting);
  }

  /** Reports an invocation; if there is no channel yet, as soon as there is one. */
  tell(report: InvocationReport): void {
    if (this.#open() !== undefined) this.#publish('invocation', encodeInvocationReport(report));
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(report);
  }

  /** Sends a last report. Never throws; on a silent connection it takes until that is given up. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
    this.#report();
    await this.#own?.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted && !this.#isRefused) {
      await this.#findExchange();
      if (this.#open() !== undefined) for (const report of this.#waiting.splice(0)) this.tell(report);
      await pause(this.#reporting.everyMs, signal);
      if (!signal.aborted) this.#report();
    }
  }

  /** Whether the broker has refused this user's reports: then nothing more is reported on this connection. */
  get #isRefused(): boolean {
    return isAccessRefused(this.#own?.gone());
  }

  /** After the broker has closed the channel, nothing is sent until the exchange exists again. */
  async #findExchange(): Promise<void> {
    if (this.#own !== undefined && this.#own.gone() === undefined) return;
    this.#own = undefined;
    const { exchange } = this.#reporting;
    try {
      const isThere = await exists(this.#connection, (channel) => channel.checkExchange(exchange));
      if (isThere) this.#own = await openChannel(this.#connection);
    } catch {
      // The connection is closing, and its users will notice.
    }
  }

  #report(): void {
    if (this.#open() === undefined) return;
    this.#publish('partition status', encodeRunnerStatus(this.#reporting.read()));
  }

  /** Messages on a blocked connection would pile up here. */
  #open(): OpenChannel<Channel> | undefined {
    return this.#own === undefined || this.#own.gone() !== undefined || this.#connection.blocked
      ? undefined
      : this.#own;
  }

  #publish(type: 'partition status' | 'invocation', json: string): void {
    try {
      this.#open()?.channel.publish(this.#reporting.exchange, '', Buffer.from(json), {
        contentType: 'application/json',
        type,
        expiration: OUTDATED_MS,
      });
    } catch {
      // amqplib throws synchronously on a closed channel; the next report gets a new one.
    }
  }
}
