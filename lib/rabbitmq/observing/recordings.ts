import type { Channel, ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/event/batch-result.js';
import type { RecordingLine } from '../../recording/recording-line.js';
import { decodeRequest, LEASE_MS, REQUESTS_EXCHANGE, requestsKey } from '../../recording/request.js';
import { pause } from '../../waiting/backoff.js';
import { type OpenChannel, openChannel, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import { declareMissing } from '../connection/declare-missing.js';
import { RefusedError } from '../connection/refused.js';
import { LatestInvocations } from './latest-invocations.js';
import { bytesOf, firstLines, lineOf, type RecordingSource } from './recording-lines.js';

interface Recording {
  /** Of performance.now(). */
  until: number;
  begun: boolean;
  leftOff: number;
}

/** A current broker accepts messages of 16 MiB (RabbitMQ 4). */
const MOST_BYTES = 12 * 1024 * 1024;
const AGAIN_MS = 200;
/** Each one costs a copy of everything; no more people than this look at one queue. */
const MOST_RECORDINGS = 4;
/** A recording begins with the whole memory: requests are limited to this rate, however many people make them. */
const BEGIN_EVERY_MS = 1_000;

/**
 * Sends copies of what the handler receives and answers to those who ask, on a separate channel, because no one's work depends on
 * them.
 */
export class Recordings {
  readonly #connection: Connection;
  readonly #from: RecordingSource;
  readonly #recordings = new Map<string, Recording>();
  readonly #latest: LatestInvocations;
  /** Of performance.now(). */
  #beginsFrom = 0;
  #own: OpenChannel<Channel> | undefined;
  readonly #ending = new AbortController();
  readonly #listening: Promise<void>;

  private constructor(connection: Connection, from: RecordingSource) {
    this.#connection = connection;
    this.#from = from;
    this.#latest = new LatestInvocations(() => from.store.committed());
    from.store.tellWrites((key, before) => this.#latest.writes(key, before));
    this.#listening = this.#keepListening();
  }

  static start(connection: Connection, from: RecordingSource): Recordings {
    return new Recordings(connection, from);
  }

  /** Never throws. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#listening;
    await this.#own?.close();
  }

  /** An invocation is about to begin: those who have asked since the last one are sent the memory. */
  begins(requestId: string, deliveries: readonly ConsumeMessage[]): void {
    const now = performance.now();
    for (const [replyTo, recording] of this.#recordings) {
      if (now > recording.until) this.#recordings.delete(replyTo);
      else if (!recording.begun && this.#mayBegin())
        recording.begun = this.#begin(replyTo, () => this.#from.store.committed());
    }
    this.#latest.begins(requestId, deliveries);
  }

  settled(deliveries: readonly ConsumeMessage[], answer: BatchResult): void {
    this.#latest.ends({ answer });
    if (this.#recordings.size === 0) return;
    const content = bytesOf(lineOf({ deliveries, at: Date.now(), outcome: { answer } }));
    for (const [replyTo, recording] of this.#recordings) {
      if (!recording.begun) continue;
      if (recording.leftOff > 0 && this.#send(replyTo, { kind: 'gap', invocations: recording.leftOff })) {
        recording.leftOff = 0;
      }
      if (content.length > MOST_BYTES || !this.#sendBytes(replyTo, content)) recording.leftOff++;
    }
  }

  failed(error: Error): void {
    this.#latest.ends({ error: error.message });
  }

  /** On a new channel if the last one is gone. */
  async #keepListening(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const own = await this.#listen().catch((error: unknown) => this.#giveUp(error));
      if (own === undefined) return;
      await new Promise<void>((resolve) => {
        own.onGone(() => resolve());
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
      });
      await pause(AGAIN_MS, signal);
    }
  }

  /** The connection is closing, or the broker refuses what recording needs, with a code. */
  #giveUp(error: unknown): undefined {
    if (replyCode(error) === undefined && !(error instanceof RefusedError)) return;
    this.#from.log.warn('this runner cannot be recorded', { code: 'not-recordable', error });
  }

  async #listen(): Promise<OpenChannel<Channel>> {
    this.#own = await openChannel(this.#connection);
    const { channel } = this.#own;
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await declareMissing(this.#connection, {
      thing: `exchange ${REQUESTS_EXCHANGE}`,
      check: (own) => own.checkExchange(REQUESTS_EXCHANGE),
      declare: (own) => own.assertExchange(REQUESTS_EXCHANGE, 'direct', { durable: true }),
    });
    await channel.bindQueue(queue, REQUESTS_EXCHANGE, requestsKey(this.#from.source.queue));
    await channel.consume(queue, (message) => message !== null && this.#hear(message.content.toString()), {
      noAck: true,
    });
    return this.#own;
  }

  #hear(json: string): void {
    const request = decodeRequest(json);
    if (request === undefined) return;
    const { replyTo, wish } = request;
    if (wish === 'latest') {
      this.#tellLatest(replyTo, request.requestId);
      return;
    }
    const known = this.#recordings.get(replyTo);
    if (wish === 'end') {
      if (known === undefined) return;
      const { begun, leftOff } = known;
      this.#recordings.delete(replyTo);
      if (leftOff > 0) this.#send(replyTo, { kind: 'gap', invocations: leftOff });
      this.#send(replyTo, { kind: 'end', begun });
      return;
    }
    const until = performance.now() + LEASE_MS;
    if (known !== undefined) known.until = until;
    else if (this.#recordings.size < MOST_RECORDINGS)
      this.#recordings.set(replyTo, { until, begun: false, leftOff: 0 });
    else this.#send(replyTo, { kind: 'refused', reason: `${MOST_RECORDINGS} recordings are already under way` });
  }

  #tellLatest(replyTo: string, requestId: string | undefined): void {
    if (!this.#mayBegin()) {
      this.#send(replyTo, { kind: 'refused', reason: 'there was another request within the last second: try again' });
      return;
    }
    const { memory, ended } = this.#latest.read(requestId);
    const begun = ended.length > 0 && this.#begin(replyTo, memory);
    if (begun) for (const one of ended) this.#send(replyTo, lineOf(one));
    this.#send(replyTo, { kind: 'end', begun });
  }

  #mayBegin(): boolean {
    const now = performance.now();
    if (now < this.#beginsFrom) return false;
    this.#beginsFrom = now + BEGIN_EVERY_MS;
    return true;
  }

  /** @returns whether everything could be sent */
  #begin(replyTo: string, memory: () => Iterable<readonly [string, unknown]>): boolean {
    for (const line of firstLines(this.#from, memory)) if (!this.#send(replyTo, line)) return false;
    return true;
  }

  #send(replyTo: string, line: RecordingLine): boolean {
    return this.#sendBytes(replyTo, bytesOf(line));
  }

  /** Messages on a blocked connection would pile up here. */
  #sendBytes(replyTo: string, content: Buffer): boolean {
    if (this.#own === undefined || this.#own.gone() !== undefined || this.#connection.blocked) return false;
    try {
      this.#own.channel.publish(REQUESTS_EXCHANGE, replyTo, content, { contentType: 'application/json' });
      return true;
    } catch {
      return false;
    }
  }
}
