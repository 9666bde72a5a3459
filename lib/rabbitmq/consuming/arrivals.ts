import type { ConsumeMessage } from 'amqplib';
import { type BatchLimits, fitting } from './batch-limits.js';

/** What has arrived and was not taken, in order, until it ends. */
export class Arrivals {
  readonly #arrived: ConsumeMessage[] = [];
  readonly #mostAtOnce: number;
  #ended: Error | undefined;
  #signal: AbortSignal | undefined;
  #wake = (): void => undefined;
  readonly #aborted = (): void => this.#wake();

  /** @param mostAtOnce the maximum number of messages that ever wait here */
  constructor(mostAtOnce: number) {
    this.#mostAtOnce = mostAtOnce;
  }

  get waiting(): readonly ConsumeMessage[] {
    return this.#arrived;
  }

  /** Why nothing arrives any more. */
  get ended(): Error | undefined {
    return this.#ended;
  }

  add(delivery: ConsumeMessage): void {
    this.#arrived.push(delivery);
    this.#wake();
  }

  end(error: Error): void {
    this.#ended ??= error;
    this.#signal?.removeEventListener('abort', this.#aborted);
    this.#wake();
  }

  /**
   * Waits for the first message, then takes what is there, within the limits. Empty once the signal has aborted.
   * @throws Error the reason for its end
   */
  async take(limits: BatchLimits, signal: AbortSignal): Promise<ConsumeMessage[]> {
    while (!signal.aborted) {
      if (this.#ended !== undefined) throw this.#ended;
      if (this.#arrived.length === 0) await this.#news(signal);
      else if (!limits.windowMs || !(await this.#waitsForMore(limits, limits.windowMs, signal)))
        return this.#arrived.splice(0, fitting(this.#arrived, limits));
    }
    return [];
  }

  /** Waits at most `ms`. False as soon as there is a message, or this has ended. */
  async quiet(ms: number, signal: AbortSignal): Promise<boolean> {
    if (this.#arrived.length > 0 || this.#ended !== undefined || signal.aborted) return false;
    const timer = setTimeout(() => this.#wake(), ms);
    await this.#news(signal);
    clearTimeout(timer);
    return this.#arrived.length === 0 && this.#ended === undefined && !signal.aborted;
  }

  /** True if the wait ended early: because this has ended, or because of the signal. */
  async #waitsForMore(limits: BatchLimits, windowMs: number, signal: AbortSignal): Promise<boolean> {
    const most = Math.min(limits.maxMessages, this.#mostAtOnce);
    const isFull = (): boolean => this.#arrived.length >= most || fitting(this.#arrived, limits) < this.#arrived.length;
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.#wake();
    }, windowMs);
    while (!isOver && !isFull() && this.#ended === undefined && !signal.aborted) await this.#news(signal);
    clearTimeout(timer);
    return this.#ended !== undefined || signal.aborted;
  }

  #news(signal: AbortSignal): Promise<void> {
    // One listener for all waits, because most last only a few milliseconds.
    if (signal !== this.#signal && this.#ended === undefined) {
      this.#signal?.removeEventListener('abort', this.#aborted);
      this.#signal = signal;
      signal.addEventListener('abort', this.#aborted);
    }
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
