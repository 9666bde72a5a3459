import { setTimeout as sleep } from 'node:timers/promises';
import { type ConsumeMessage, connect } from 'amqplib';
import { SHOPPING_EVENTS_EXCHANGE } from '../../lib/shop/domain/topology.js';
import { encodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import { serveParent } from './parent.js';
import { quantile } from './statistics.js';
import { ALL_CUSTOMERS, BILLING_EVENTS } from './topology.js';
import { verify } from './verification.js';
import { eventsOfRound, type SensorEvent } from './work.js';

/**
 * A process with the two ends of the shop: the sensor that sends, and the till and the customers that receive. The code is the
 * same for every contender.
 */

/** Sent but not yet answered by an alert: enough that no contender waits for work, few enough that no queue grows long. */
const EVENTS_UNDER_WAY = 4000;
const SINK_PREFETCH = 2000;
const ROUND_TIMEOUT_MS = 120_000;

export interface RoundOrders {
  readonly round: string;
  readonly purchases: number;
}

export interface PacedOrders extends RoundOrders {
  readonly eventsPerSecond: number;
}

/** Milliseconds from a purchase's time to be sent to its bill's delivery at the till. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface RoundResult {
  readonly events: number;
  readonly seconds: number;
}

const { amqpUrl } = JSON.parse(process.argv[2] ?? '') as { amqpUrl: string };
const model = await connect(amqpUrl, { noDelay: true });
const sensor = await model.createConfirmChannel();
const sink = await model.createChannel();
await sink.prefetch(SINK_PREFETCH);

let alerts: Buffer[] = [];
let bills: Buffer[] = [];
let customersBills: Buffer[] = [];
let billedAt: number[] = [];
let newest: ConsumeMessage | undefined;
let progress = (): void => undefined;

await sink.consume(BILLING_EVENTS, (message) => {
  billedAt.push(performance.now());
  receive(message, () => bills);
});
await sink.consume(ALL_CUSTOMERS, (message) =>
  receive(message, ({ properties }) => (properties.type === 'bill' ? customersBills : alerts)),
);

serveParent({ round: playRound, paced: playPaced });

function receive(message: ConsumeMessage | null, listOf: (message: ConsumeMessage) => Buffer[]): void {
  if (message === null) throw new Error('the broker cancelled the sink');
  listOf(message).push(message.content);
  if (newest === undefined) setImmediate(acknowledge);
  newest = message;
  progress();
}

/** Everything that arrived in one turn. Delivery tags count up per channel, so one frame covers both queues. */
function acknowledge(): void {
  sink.ack(newest as ConsumeMessage, true);
  newest = undefined;
}

async function playRound({ round, purchases }: RoundOrders): Promise<RoundResult> {
  const { events, bodies } = prepare(round, purchases);
  const startedAt = performance.now();
  await sendAndReceive(events, bodies, purchases);
  const seconds = (performance.now() - startedAt) / 1000;
  verify(events, { alerts, bills, customersBills });
  return { events: events.length, seconds };
}

function prepare(round: string, purchases: number): { events: SensorEvent[]; bodies: Buffer[] } {
  alerts = [];
  bills = [];
  customersBills = [];
  billedAt = [];
  const events = eventsOfRound(round, purchases);
  return { events, bodies: events.map((event) => Buffer.from(JSON.stringify(encodeShoppingEvent(event)))) };
}

/** Sends at a steady pace. Time counts from when an event was due, so whatever waits behind a slow one is late as well. */
async function playPaced({ round, purchases, eventsPerSecond }: PacedOrders): Promise<Latency> {
  const { events, bodies } = prepare(round, purchases);
  const startedAt = performance.now();
  const dueAt = (index: number): number => startedAt + (index * 1000) / eventsPerSecond;
  for (let sent = 0; sent < events.length; ) {
    for (; sent < events.length && dueAt(sent) <= performance.now(); sent++) send(events[sent], bodies[sent], ignore);
    await sleep(1);
  }
  while (alerts.length < events.length || bills.length < purchases || customersBills.length < purchases) {
    if (performance.now() - startedAt > ROUND_TIMEOUT_MS) throw new Error(`${bills.length} of ${purchases} bills came`);
    await sleep(10);
  }
  verify(events, { alerts, bills, customersBills });
  const purchasedAt = new Map(events.map(({ product }, index) => [product, dueAt(index)]));
  const waits = bills.map((body, index) => {
    const { product_number } = JSON.parse(body.toString()) as { product_number: string };
    return (billedAt[index] as number) - (purchasedAt.get(product_number) as number);
  });
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

function ignore(): void {}

function send(event: SensorEvent | undefined, body: Buffer | undefined, confirmed: (error: unknown) => void): void {
  if (event === undefined || body === undefined) throw new RangeError('no such event');
  const { product, messageId } = event;
  const options = { messageId, persistent: true, mandatory: true, contentType: 'application/json' };
  sensor.publish(SHOPPING_EVENTS_EXCHANGE, product, body, options, confirmed);
}

function sendAndReceive(events: readonly SensorEvent[], bodies: readonly Buffer[], purchases: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    const timeout = setTimeout(() => {
      reject(new Error(`after ${sent} events: ${alerts.length} alerts, ${bills.length} bills`));
    }, ROUND_TIMEOUT_MS);
    const confirmed = (error: unknown): void => {
      if (error !== null) reject(error);
    };
    progress = () => {
      for (; sent < events.length && sent - alerts.length < EVENTS_UNDER_WAY; sent++) {
        send(events[sent], bodies[sent], confirmed);
      }
      if (alerts.length < events.length || bills.length < purchases || customersBills.length < purchases) return;
      clearTimeout(timeout);
      progress = () => undefined;
      sensor.waitForConfirms().then(() => resolve(), reject);
    };
    progress();
  });
}
