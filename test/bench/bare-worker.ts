import { randomUUID } from 'node:crypto';
import { type ConfirmChannel, type ConsumeMessage, connect, type Options } from 'amqplib';
import { gatherWrites, socketOf } from '../../lib/rabbitmq/connection/socket.js';
import type { Catalog } from '../../lib/shop/domain/catalog.js';
import { discountedCost } from '../../lib/shop/domain/price.js';
import { BILLING_EVENTS, CUSTOMER_APP_EVENTS, WORKER_STATUS } from '../../lib/shop/domain/topology.js';
import { checkAnswer, derivedId, identityOf, type Outgoing, type Seen, validEvent } from './bare-checks.js';
import { type BareRecord, buildEvent, decodeEvent } from './bare-event.js';
import type { PromiseName } from './promises.js';

/**
 * A bare amqplib worker as one would tune it by hand for this one job: batches of what has arrived, one wait for confirms and one
 * acknowledgement per batch. Its further promises are options: each is kept with the fewest lines that keep it. It handles no
 * faults, and cannot even read its changelog back.
 */

export interface BareOrders {
  readonly amqpUrl: string;
  readonly promises: readonly PromiseName[];
  readonly batchSize: number;
  readonly prefetch: number;
  /** Whether everything written in one turn is sent with one call, as ours does. */
  readonly gathered: boolean;
}

const HANDLED_WINDOW = 100_000;
const MiB = 1024 * 1024;
const STREAM = {
  durable: true,
  arguments: {
    'x-queue-type': 'stream',
    'x-max-length-bytes': 512 * MiB,
    'x-stream-max-segment-size-bytes': 32 * MiB,
  },
};
const READ_AHEAD = 100;
const [REPORTS_A_SECOND, REPORTS_AT_ONCE, MOST_ITEMS] = [5, 20, 50];

export interface BareWorker {
  close(): Promise<void>;
}

/** Resolves when it has subscribed. */
export async function startBareWorker(queue: string, orders: BareOrders, catalog: Catalog): Promise<BareWorker> {
  const model = await connect(orders.amqpUrl, { noDelay: true });
  // A replaced worker ends with its connection.
  model.on('error', () => undefined);
  if (orders.gathered) gatherWrites(socketOf(model));
  const channel = await model.createConfirmChannel();
  const worker = new Worker(channel, queue, orders.promises, catalog);
  await worker.open();
  await channel.prefetch(orders.prefetch);
  const arrived: ConsumeMessage[] = [];
  let busy = false;

  async function settleAll(): Promise<void> {
    while (arrived.length > 0) await worker.settle(arrived.splice(0, orders.batchSize));
    busy = false;
  }

  /**
   * A worker that was replaced, or cannot go on, is as good as dead: the messages it held come again, and what it sent is sent.
   */
  async function giveUp(): Promise<void> {
    await channel.waitForConfirms().catch(() => undefined);
    await model.close().catch(() => undefined);
  }

  await channel.consume(queue, (message) => {
    if (message === null) return;
    arrived.push(message);
    if (busy) return;
    busy = true;
    setImmediate(() => void settleAll().catch(giveUp));
  });
  return { close: () => model.close().catch(() => undefined) };
}

interface Decided {
  readonly outgoing: Outgoing[];
  /** By the id of what follows from it: the trace of the event. */
  readonly traces: Map<Outgoing, string>;
  readonly changes: [product: string, pickedUpAt?: string][];
}

class Worker {
  readonly #channel: ConfirmChannel;
  readonly #queue: string;
  readonly #changelog: string;
  readonly #promises: ReadonlySet<PromiseName>;
  readonly #customerOf: Catalog['customerOf'];
  readonly #cost: number;
  readonly #basket = new Map<string, string>();
  readonly #handled = new Set<string>();
  readonly #oldest: string[] = [];
  readonly #nonce = randomUUID();
  #records = 0;
  /** How many records came back, and whether someone else has opened the changelog since. */
  #seen = 0;
  #replaced = false;
  #wake = (): void => undefined;
  #reports = REPORTS_AT_ONCE;
  #reportsAt = performance.now();

  constructor(
    channel: ConfirmChannel,
    queue: string,
    promises: readonly PromiseName[],
    { price, customerOf }: Catalog,
  ) {
    this.#channel = channel;
    this.#queue = queue;
    this.#changelog = `${queue}.changelog`;
    this.#promises = new Set(promises);
    this.#customerOf = customerOf;
    this.#cost = discountedCost(price);
  }

  async open(): Promise<void> {
    if (!this.#promises.has('record')) return;
    await this.#channel.assertQueue(this.#changelog, STREAM);
    if (!this.#promises.has('owned')) return;
    await this.#channel.prefetch(READ_AHEAD);
    const stream = { arguments: { 'x-stream-offset': 'next' } };
    await this.#channel.consume(this.#changelog, (entry) => entry !== null && this.#read(entry), stream);
    this.#send('', this.#changelog, Buffer.from(this.#nonce), {
      persistent: true,
      type: 'opening',
      messageId: this.#nonce,
    });
    await this.#channel.waitForConfirms();
  }

  async settle(batch: readonly ConsumeMessage[]): Promise<void> {
    const keys: string[] = [];
    const fresh: ConsumeMessage[] = [];
    for (const message of batch) {
      const id: string = message.properties.messageId;
      const key = this.#promises.has('identity') ? identityOf(id, message.content) : id;
      if (this.#handled.has(key)) continue;
      fresh.push(message);
      keys.push(key);
    }
    const startedAt = performance.now();
    const { rejected, ...decided } = this.#decideAll(fresh);
    if (this.#promises.has('checked')) checkAnswer(decided.outgoing);
    const handled =
      rejected.size === 0 ? keys : keys.filter((_, index) => !rejected.has(fresh[index] as ConsumeMessage));
    await this.#publishAll(decided, handled);
    for (const key of handled) this.#remember(key);
    const last = batch.findLast((message) => !rejected.has(message));
    for (const message of rejected) this.#channel.nack(message, false, false);
    if (last !== undefined) this.#channel.ack(last, true);
    if (this.#promises.has('traced')) this.#report(fresh, decided, startedAt);
  }

  #decideAll(fresh: readonly ConsumeMessage[]): Decided & { readonly rejected: ReadonlySet<ConsumeMessage> } {
    const decided: Decided = { outgoing: [], traces: new Map(), changes: [] };
    const rejected = new Set<ConsumeMessage>();
    const records = this.#promises.has('event') ? decodeEvent(buildEvent(this.#queue, fresh)) : fresh.map(recordOf);
    records.forEach((record, index) => {
      if (!this.#decide(record, decided)) rejected.add(fresh[index] as ConsumeMessage);
    });
    return { ...decided, rejected };
  }

  #decide(record: BareRecord, { outgoing, traces, changes }: Decided): boolean {
    const { body } = record;
    const validated = this.#promises.has('validated');
    const text = body.toString();
    const seen = validated ? validEvent(body) : (JSON.parse(text) as Seen);
    if (seen === undefined) return false;
    const { event_type, product_number: product, timestamp } = seen;
    const customer = this.#customerOf(product);
    if (customer === undefined || typeof timestamp !== 'string') return false;
    const first = outgoing.length;
    const send = (exchange: string, routingKey: string, type: string, kind: string, body: string): void => {
      outgoing.push({ exchange, routingKey, type, messageId: this.#idOf(record, kind), body });
    };
    if (event_type === 'pick up') {
      this.#basket.set(product, timestamp);
      changes.push([product, timestamp]);
      send(CUSTOMER_APP_EVENTS, customer, 'shopping event', 'alert', text);
    } else {
      const pickup_time = this.#basket.get(product);
      if (event_type !== 'purchase' || pickup_time === undefined) return false;
      this.#basket.delete(product);
      changes.push([product]);
      const bill = JSON.stringify({
        customer_id: customer,
        product_number: product,
        pickup_time,
        purchase_time: timestamp,
        shopping_cost: this.#cost,
      });
      send(CUSTOMER_APP_EVENTS, customer, 'shopping event', 'alert', text);
      send('', BILLING_EVENTS, 'bill', 'bill', bill);
      send(CUSTOMER_APP_EVENTS, customer, 'bill', 'customers-bill', bill);
    }
    if (this.#promises.has('traced') && record.traceparent !== undefined) {
      for (const message of outgoing.slice(first)) traces.set(message, record.traceparent);
    }
    return true;
  }

  #idOf({ messageId, body }: BareRecord, kind: string): string {
    return this.#promises.has('ids') ? derivedId(messageId, body, kind) : `${messageId}.${kind}`;
  }

  async #publishAll({ outgoing, traces, changes }: Decided, handled: readonly string[]): Promise<void> {
    const record = this.#promises.has('record') && handled.length > 0;
    await new Promise<void>((resolve, reject) => {
      let open = outgoing.length + (record ? 1 : 0);
      if (open === 0) resolve();
      const confirmed = (error: unknown): void => {
        if (error !== null) reject(error);
        open--;
        if (open === 0) resolve();
      };
      if (record) {
        const sent = outgoing.map(({ exchange, routingKey, type, messageId, body }) => [
          exchange,
          routingKey,
          type,
          messageId,
          body,
        ]);
        const content = Buffer.from(JSON.stringify({ handled, changes, outgoing: sent }));
        const messageId = `${this.#nonce}.${++this.#records}`;
        this.#send('', this.#changelog, content, { persistent: true, mandatory: true, messageId }, confirmed);
      }
      for (const message of outgoing) {
        const { exchange, routingKey, type, messageId, body } = message;
        const traceparent = traces.get(message);
        const options = {
          messageId,
          type,
          persistent: true,
          mandatory: exchange === '',
          contentType: 'application/json',
          ...(traceparent !== undefined && { headers: { traceparent } }),
        };
        this.#send(exchange, routingKey, Buffer.from(body), options, confirmed);
      }
    });
    if (!record || !this.#promises.has('owned')) return;
    while (this.#seen < this.#records && !this.#replaced) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#replaced) throw new Error('another worker has the changelog');
  }

  #send(
    exchange: string,
    key: string,
    content: Buffer,
    options: Options.Publish,
    done?: (error: unknown) => void,
  ): void {
    this.#channel.publish(exchange, key, content, options, done);
  }

  #read(entry: ConsumeMessage): void {
    const { messageId = '', type } = entry.properties;
    if (messageId.startsWith(this.#nonce))
      this.#seen = Math.max(this.#seen, Number(messageId.slice(this.#nonce.length + 1)));
    // Openings from before this one do not count.
    else if (type === 'opening') this.#replaced = true;
    this.#channel.ack(entry);
    this.#wake();
  }

  #remember(key: string): void {
    if (!this.#promises.has('record')) return;
    this.#handled.add(key);
    this.#oldest.push(key);
    if (this.#oldest.length <= 2 * HANDLED_WINDOW) return;
    for (const old of this.#oldest.splice(0, HANDLED_WINDOW)) this.#handled.delete(old);
  }

  #report(messages: readonly ConsumeMessage[], { outgoing }: Decided, startedAt: number): void {
    const now = performance.now();
    this.#reports = Math.min(REPORTS_AT_ONCE, this.#reports + ((now - this.#reportsAt) / 1000) * REPORTS_A_SECOND);
    this.#reportsAt = now;
    if (this.#reports < 1) return;
    this.#reports--;
    const report = {
      v: 1,
      kind: 'invocation',
      name: this.#queue,
      queue: this.#queue,
      requestId: randomUUID(),
      startedAt: Date.now() - (now - startedAt),
      settledMs: now - startedAt,
      messages: messages.length,
      items: messages.slice(0, MOST_ITEMS).map(({ properties }) => ({ messageId: properties.messageId })),
      sent: outgoing.length,
    };
    this.#send(WORKER_STATUS, '', Buffer.from(JSON.stringify(report)), { contentType: 'application/json' });
  }
}

function recordOf({ content, properties }: ConsumeMessage): BareRecord {
  return { messageId: properties.messageId, body: content, traceparent: properties.headers?.['traceparent'] };
}
