import type { Log } from '../../../lib/rabbitmq/log.js';
import type { Holder } from './pass.js';

/** Someone who tries passes by the thousand must not fill the disk with log lines. */
const REFUSED_EVERY_MS = 1_000;

/**
 * Log lines about what people do on the pages: who, by the id of the session or link, and what. They are warnings, so that no
 * common level leaves them out, except the line that a browser was let in.
 */
export class WebTraces {
  readonly #log: Log;
  #refusals = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(log: Log) {
    this.#log = log;
  }

  letIn(holder: Holder, by: string): void {
    this.#log.info('a browser was let in', { code: 'let-in', by, ...holder });
  }

  /** A link was refused: it is forged, too old, revoked, or for someone else. */
  refused(holder: Holder): void {
    this.#refusals++;
    if (performance.now() - this.#toldAt < REFUSED_EVERY_MS) return;
    this.#toldAt = performance.now();
    this.#log.warn('a link was refused', { code: 'link-refused', ...holder, times: this.#refusals });
    this.#refusals = 0;
  }

  linkMade(link: {
    readonly id: string;
    readonly customer: string;
    readonly by: string;
    readonly until: number;
  }): void {
    this.#log.warn('a link was made', { code: 'link-made', ...link });
  }

  acts(by: string, what: string, details: Record<string, unknown> = {}): void {
    this.#log.warn('an operator acts', { code: 'operator-acts', by, what, ...details });
  }
}
