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
  /** How the runner is doing at this moment. */
  readonly read: () => RunnerStatus;
  readonly everyMs: number;
}

/** Whoever has not read a report for so long wants a newer one. */
const OUTDATED_MS = 10_000;
/** Before there is a channel. */
const MOST_WAITING = 20;

/** Reports of one runner on one connection, on a channel of their own: nobody's work depends on them. */
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

  /** Tells of an invocation; where there is no channel yet, as soon as there is one. */
  tell(report: InvocationReport): void {
    if (this.#open() !== undefined) this.#publish('invocation', encodeInvocationReport(report));
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(report);
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
    while (!signal.aborted && !this.#isRefused) {
      await this.#findExchange();
      if (this.#open() !== undefined) for (const report of this.#waiting.splice(0)) this.tell(report);
      await pause(this.#reporting.everyMs, signal);
      if (!signal.aborted) this.#report();
    }
  }

  /** Whether the broker has said that this user may not report: then nothing more is reported on this connection. */
  get #isRefused(): boolean {
    return isAccessRefused(this.#own?.gone());
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
    if (this.#open() === undefined) return;
    this.#publish('partition status', encodeRunnerStatus(this.#reporting.read()));
  }

  /** What a blocked connection is given would pile up here. */
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
      // On a closed channel amqplib throws at once; the next report finds another one.
    }
  }
}
