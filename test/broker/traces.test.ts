import { type Span as ApiSpan, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shoppingSensor } from '../../handlers/shopping-sensor.js';
import { listen, type RunningServer } from '../../infra/http/listen.js';
import { startCustomerApp } from '../../infra/shop/roles/customer-app.js';
import { startWorker } from '../../infra/shop/roles/worker.js';
import { createSensorApp } from '../../infra/shop/sensor/app.js';
import { createSender, type Sender } from '../../lib/lambda/function/publishing.js';
import { parseCatalog } from '../../lib/shop/domain/catalog.js';
import { eventually, openScene } from '../support/broker/broker.js';
import { countingHandler } from '../support/broker/counting-handler.js';
import { startRunner } from '../support/broker/local-runner.js';
import { recordingLog } from '../support/broker/recording-log.js';

const PARENT = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
const catalog = parseCatalog({ customers_database: { ada: 'AX-1' }, cost_per_unit: 2, number_of_units: 5 });
const amqpUrl = process.env['AMQP_URL'] as string;

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const stop = new AbortController();
let model: ChannelModel;
let channel: Channel;
let sender: Sender;
let sensor: RunningServer;
let ended: Promise<unknown>;

beforeAll(async () => {
  const role = { amqpUrl, log: recordingLog(), signal: stop.signal };
  const worker = startWorker({ ...role, id: 'worker01', queue: 'worker01_queue', catalog: () => catalog });
  const app = startCustomerApp({ ...role, customer: 'ada' });
  await Promise.all([worker.ready, app.ready]);
  sender = createSender({ amqpUrl, name: 'shopping-sensor', log: role.log });
  sensor = await listen((names) => createSensorApp(shoppingSensor(sender.publish), names), {
    host: '127.0.0.1',
    port: 0,
    signal: stop.signal,
    patient: true,
  });
  ended = Promise.all([worker.ended, app.ended, sensor.ended]);
  model = await connect(amqpUrl);
  channel = await model.createChannel();
});

afterAll(async () => {
  stop.abort();
  await ended;
  await sender.close();
  await model.close();
  await provider.shutdown();
});

beforeEach(() => exporter.reset());

async function post(type: string, product: string, headers: Record<string, string> = {}): Promise<number> {
  const { status } = await fetch(`${sensor.origin}/shopping-events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ event_type: type, product_number: product, timestamp: '2026-01-01T10:00:00Z' }),
  });
  return status;
}

const spans = (): readonly ReadableSpan[] => exporter.getFinishedSpans();
const named = (name: string, count = 1) =>
  eventually(() => {
    const found = spans().filter((span) => span.name === name);
    return found.length >= count ? found : undefined;
  });

/** A trace as a tree: each span with those below it, by name. */
function below(parent: string | undefined): readonly unknown[] {
  return spans()
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
    .map((span) => {
      const children = below(span.spanContext().spanId);
      return children.length === 0 ? span.name : [span.name, ...children];
    })
    .sort();
}

describe('without an SDK', () => {
  it('a trace goes on in its header as it came, and none is begun', async () => {
    expect(trace.getTracer('any').startSpan('any').isRecording()).toBe(false);
    await channel.assertQueue('overheard');
    await channel.bindQueue('overheard', 'customer_app_events', 'ada');
    const traceparent = `00-${PARENT.trace}-${PARENT.span}-01`;
    await post('pick up', 'AX-1', { traceparent });
    await post('purchase', 'AX-1');
    const headers: unknown[] = [];
    await eventually(async () => {
      for (let got = await channel.get('overheard', { noAck: true }); got; got = await channel.get('overheard')) {
        headers.push(got.properties.headers?.['traceparent']);
      }
      return headers.length === 3;
    });
    expect(headers).toEqual([traceparent, undefined, undefined]);
    await channel.deleteQueue('overheard');
  });
});

describe('with an SDK', () => {
  beforeAll(() => provider.register());

  it('a purchase has its hops, from the request to the bill in the app, and each as long as it took', async () => {
    await post('pick up', 'AX-1');
    // The worker's own may end after those of what it sent.
    await Promise.all([named('process customer_app.ada'), named('process worker01_queue')]);
    exporter.reset();
    expect(await post('purchase', 'AX-1', { traceparent: `00-${PARENT.trace}-${PARENT.span}-01` })).toBe(202);
    await named('process customer_app.ada', 2);
    await named('process worker01_queue');
    const alertOrBill = ['send customer_app_events', 'process customer_app.ada'];
    expect(below(PARENT.span)).toEqual([
      [
        'POST /shopping-events',
        ['send shopping_events_exchange', ['process worker01_queue', 'send billing_events', alertOrBill, alertOrBill]],
      ],
    ]);
    expect(new Set(spans().map((span) => span.spanContext().traceId))).toEqual(new Set([PARENT.trace]));
    const [request] = await named('POST /shopping-events');
    expect(request?.attributes).toMatchObject({ 'http.route': '/shopping-events', 'http.response.status_code': 202 });
    const [processed] = await named('process worker01_queue');
    expect(processed?.attributes).toMatchObject({
      'messaging.system': 'rabbitmq',
      'messaging.destination.name': 'shopping_events_exchange:AX-1:worker01_queue',
      'messaging.batch.message_count': 1,
    });
    // Sent before processed, processed before the customer's app has it.
    const order = [
      'POST /shopping-events',
      'send shopping_events_exchange',
      'process worker01_queue',
      'send billing_events',
    ];
    const begins = order.map((name) => spans().find((span) => span.name === name)?.startTime as [number, number]);
    const ns = begins.map(([seconds, nanoseconds]) => seconds * 1e9 + nanoseconds);
    expect(ns).toEqual(ns.toSorted((one, other) => one - other));
    const bill = await eventually(() => channel.get('billing_events', { noAck: true }));
    expect(bill).toBeTruthy();
  });

  it('an event that came with no trace begins one, and a refused one says so', async () => {
    expect(await post('purchase', 'NOBODYS')).toBe(202);
    const [processed] = await named('process worker01_queue');
    expect(processed?.status).toMatchObject({ message: 'unknown product' });
    expect(below(undefined)).toEqual([
      ['POST /shopping-events', ['send shopping_events_exchange', 'process worker01_queue']],
    ]);
    const foreign = { event_type: 'pick up', product_number: 'AX-1', timestamp: 'now' };
    channel.publish('shopping_events_exchange', 'AX-1', Buffer.from(JSON.stringify(foreign)));
    await named('process worker01_queue', 2);
  });

  it('what a handler traces belongs to its message, what it throws is on it, and what it sends follows from it', async () => {
    const scene = await openScene();
    const counting = countingHandler(scene);
    let inner: ApiSpan | undefined;
    const runner = startRunner(scene, {
      handler: async (event, context) => {
        inner = trace.getTracer('handler').startSpan('inside');
        inner.end();
        return counting(event, context);
      },
    });
    scene.send({ key: 'b', then: 'throw' });
    const [failed] = await named(`process ${scene.queue}`);
    expect(failed?.status.message).toBe('cannot count b');
    scene.send({ key: 'a' });
    await runner.settled(1);
    const [sent] = await named(`send ${scene.bills}`);
    const parent = spans().find((span) => span.spanContext().spanId === sent?.parentSpanContext?.spanId);
    expect(parent?.name).toBe(`process ${scene.queue}`);
    expect(spans().find(({ name }) => name === 'inside')?.parentSpanContext).toBeDefined();
    expect(inner?.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
    await runner.stop();
    await scene.close();
  });
});
