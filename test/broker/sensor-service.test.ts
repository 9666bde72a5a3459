import { once } from 'node:events';
import { request } from 'node:http';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shoppingSensor } from '../../handlers/shopping-sensor.js';
import { listen, type RunningServer } from '../../infra/http/listen.js';
import { createSensorApp } from '../../infra/shop/sensor/app.js';
import { createSender, type Sender } from '../../lib/lambda/function/publishing.js';
import { recordingLog } from '../support/broker/recording-log.js';

const EVENT = { event_type: 'pick up', product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };
const JSON_TYPE = { 'content-type': 'application/json' };

let model: ChannelModel;
let channel: Channel;
let queue: string;
let sender: Sender;
let service: RunningServer;
const stop = new AbortController();

beforeAll(async () => {
  const amqpUrl = process.env['AMQP_URL'] as string;
  model = await connect(amqpUrl);
  channel = await model.createChannel();
  await channel.assertExchange('shopping_events_exchange', 'x-consistent-hash', { durable: true });
  ({ queue } = await channel.assertQueue('', { exclusive: true }));
  await channel.bindQueue(queue, 'shopping_events_exchange', '1');
  sender = createSender({ amqpUrl, name: 'shopping-sensor', log: recordingLog() });
  service = await listen((names) => createSensorApp(shoppingSensor(sender.publish), names), {
    host: '127.0.0.1',
    port: 0,
    signal: stop.signal,
    patient: true,
  });
});

afterAll(async () => {
  stop.abort();
  await service.ended;
  await sender.close();
  await model.close();
});

async function post(body: string, headers: Record<string, string> = JSON_TYPE) {
  const response = await fetch(`${service.origin}/shopping-events`, { method: 'POST', headers, body });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    json: JSON.parse(await response.text()),
  };
}

async function arrived(): Promise<string[]> {
  const bodies: string[] = [];
  for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true })) {
    bodies.push(got.content.toString());
  }
  return bodies;
}

describe('the sensor over plain HTTP', () => {
  it('takes one event, and answers when the broker has it', async () => {
    expect(await post(JSON.stringify(EVENT))).toMatchObject({ status: 202, json: { message_id: expect.any(String) } });
    expect(await arrived()).toEqual([JSON.stringify(EVENT)]);
  });

  it('takes a list of a thousand events at once', async () => {
    const events = Array.from({ length: 1_000 }, (_, index) => ({
      ...EVENT,
      product_number: `P-${index}`.padEnd(250, 'x'),
    }));
    const body = JSON.stringify(events);
    expect(body.length).toBeGreaterThan(300_000);
    const { status, json } = await post(body);
    expect(status).toBe(202);
    expect(json.results).toHaveLength(1_000);
    const found = await arrived();
    expect(found.sort()).toEqual(events.map((event) => JSON.stringify(event)).sort());
  });

  it.each<[string, number, string, Record<string, string>]>([
    ['no JSON', 400, 'pick up', JSON_TYPE],
    ['another event', 400, JSON.stringify({ ...EVENT, event_type: 'return' }), JSON_TYPE],
    ['an event of 17 kB', 413, JSON.stringify({ ...EVENT, product_number: 'x'.repeat(17_000) }), JSON_TYPE],
    ['a list of 2 MB', 413, `[${' '.repeat(2_000_000)}]`, JSON_TYPE],
    ['another type', 415, JSON.stringify(EVENT), { 'content-type': 'text/plain' }],
  ])('refuses %s with a problem that says why, and publishes nothing', async (_, status, body, headers) => {
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status, type: expect.stringContaining('problem+json'), json: { status } });
    expect(await arrived()).toEqual([]);
  });

  it('takes a body that does not tell its length, and refuses one that grows too long', async () => {
    const chunked = async (body: string) => {
      const sent = request(`${service.origin}/shopping-events`, { method: 'POST', headers: JSON_TYPE });
      // The rest is not read: the answer comes before all is sent.
      sent.on('error', () => undefined);
      sent.flushHeaders();
      sent.end(body);
      const [answer] = await once(sent, 'response');
      answer.resume();
      return [sent.getHeader('content-length'), answer.statusCode];
    };
    expect(await chunked(JSON.stringify(EVENT))).toEqual([undefined, 202]);
    expect(await arrived()).toEqual([JSON.stringify(EVENT)]);
    expect(await chunked(`[${' '.repeat(2_000_000)}]`)).toEqual([undefined, 413]);
    expect(await arrived()).toEqual([]);
  });

  it('is for our own name, and for no page of another origin', async () => {
    expect(
      (await fetch(`${service.origin}/shopping-events`, { headers: { origin: 'http://evil.example' } })).status,
    ).toBe(403);
    const rebound = request(`${service.origin}/shopping-events`, { headers: { host: 'evil.example' } }).end();
    const [answer] = await once(rebound, 'response');
    answer.resume();
    expect(answer.statusCode).toBe(421);
  });

  it('knows one path and one method', async () => {
    const get = await fetch(`${service.origin}/shopping-events`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetch(`${service.origin}/`, { method: 'POST' })).status).toBe(404);
  });
});
