import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Channel, type ChannelModel, connect, type GetMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { SHOP } from '../../lib/shop/domain/topology.js';
import { recordingLog } from '../support/broker/recording-log.js';
import { start } from '../support/system/child.js';
import { type LambdaRuntime, startLambda } from '../support/system/lambda-runtime.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';
import { batchOf } from '../unit/handlers/batch.js';

const WORKER = 'dist/handlers/shopping-worker.js';
const TIMES = { product_number: 'AX-123', timestamp: '2026-01-01T10:00:00' };
const PICK_UP = { messageId: 'one', body: { event_type: 'pick up', ...TIMES } };
const PURCHASE = { messageId: 'two', body: { event_type: 'purchase', ...TIMES } };
const STRANGER = { messageId: 'three', body: { event_type: 'purchase', ...TIMES, product_number: 'ZZ-999' } };

let folder: string;
let amqpUrl: string;
let model: ChannelModel;
let channel: Channel;
let lambda: LambdaRuntime | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lambda-runtime-'));
  amqpUrl = ownVirtualHost();
  await declareShop();
  model = await connect(amqpUrl);
  channel = await model.createChannel();
});
afterEach(() => lambda?.close());
afterAll(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

function declareShop(): Promise<unknown> {
  const log = recordingLog();
  const supervision = { amqpUrl, connectionName: 'topology', log };
  return onConnection(supervision, (connection) => declareTopology(connection, SHOP, log));
}

const runtime = async (env: Record<string, string> = { AMQP_URL: amqpUrl }): Promise<LambdaRuntime> => {
  lambda = await startLambda(WORKER, env);
  return lambda;
};

async function bills(): Promise<GetMessage[]> {
  const found: GetMessage[] = [];
  for (let got = await channel.get('billing_events', { noAck: true }); got; ) {
    found.push(got);
    got = await channel.get('billing_events', { noAck: true });
  }
  return found;
}

describe('under the poller', () => {
  it('the poller sends, and nobody else, whatever the environment says', async () => {
    const env = { AMQP_URL: amqpUrl, AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9' };
    const worker = start(folder, 'run-worker', ['-i', 'worker01', '-q', 'worker01_queue', '-w', '1', '--json'], env);
    await expect.poll(worker.stderr).toContain('ready');
    for (const event of ['pick up', 'purchase']) {
      const sensor = start(folder, 'produce-shopping-event', ['-e', event, '-c', 'customer-1'], {
        AMQP_URL: amqpUrl,
      });
      expect(await sensor.ended).toBe(0);
    }
    await expect.poll(worker.stdout).toContain('"billed"');
    worker.process.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect((await bills()).map(({ properties }) => properties.appId)).toEqual(['worker01']);
  });
});

describe('on Lambda itself', () => {
  it('what a function returns is sent, confirmed before it answers; what it refuses is in its log', async () => {
    const { invoke } = await runtime();
    expect(await invoke(batchOf('worker01_queue', [PICK_UP]))).toMatchObject({ kind: 'response' });
    expect(await bills()).toEqual([]);
    const { kind, body } = await invoke(batchOf('worker01_queue', [PURCHASE, STRANGER]));
    expect({ kind, body }).toMatchObject({
      kind: 'response',
      body: { batchItemFailures: [{ reason: 'unknown product' }] },
    });
    const sent = await bills();
    expect(sent.map(({ content }) => JSON.parse(content.toString()))).toMatchObject([{ shopping_cost: 8 }]);
    expect(sent[0]?.properties).toMatchObject({ appId: 'shopping-worker', type: 'bill', deliveryMode: 2 });
  });

  it('a batch whose messages cannot be sent fails, and changes nothing: given again, it sends them under the same ids', async () => {
    const { invoke } = await runtime();
    await invoke(batchOf('worker01_queue', [PICK_UP]));
    await channel.deleteQueue('billing_events');
    const failed = await invoke(batchOf('worker01_queue', [PURCHASE]));
    expect(failed).toMatchObject({ kind: 'error', body: { errorMessage: expect.stringContaining('returned') } });
    await declareShop();
    expect(await invoke(batchOf('worker01_queue', [PURCHASE]))).toMatchObject({ kind: 'response' });
    const [bill, ...others] = await bills();
    expect(others).toEqual([]);
    // The error names the message that came back.
    expect((failed.body as { errorMessage: string }).errorMessage).toContain(bill?.properties.messageId);
  });

  it('a function that has something to send and no broker to send it to says so', async () => {
    const { invoke } = await runtime({});
    expect(await invoke(batchOf('worker01_queue', [STRANGER]))).toMatchObject({ kind: 'response' });
    expect(await invoke(batchOf('worker01_queue', [PICK_UP]))).toMatchObject({
      kind: 'error',
      body: { errorMessage: 'AMQP_URL names no broker to send messages to: set it for this function' },
    });
  });
});
