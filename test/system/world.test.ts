import { join } from 'node:path';
import type { Channel } from 'amqplib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { collect, createService, type Offline, type OfflineService } from '../support/system/offline-service.js';
import { ownVirtualHost } from '../support/system/shared-broker.js';

let service: OfflineService;
let offline: Offline;
let client: Channel;
let done: unknown[];

beforeAll(async () => {
  const installed = join(inject('installedPackage'), 'node_modules');
  service = createService({ [installed]: 'node_modules', 'test/system/services/world': '.' }, {});
  service.env['AMQP_URL'] = ownVirtualHost();
  offline = await service.offline();
  client = await offline.connect('.rabbitmq');
  done = await collect(client, 'done');
});

afterAll(async () => {
  await service.remove();
});

function send(queue: string, text: string): void {
  client.sendToQueue(queue, Buffer.from(text), { messageId: `${queue} ${text}`, persistent: true });
}

async function answered(texts: readonly string[]): Promise<void> {
  await expect.poll(() => texts.filter((text) => !done.includes(text))).toEqual([]);
}

/** Bodies and reasons: what was set aside of a queue. */
async function deadLetters(count: number): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const letter = await client.get('dead', { noAck: true });
    if (letter !== false) texts.push(letter.content.toString());
    else await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(await client.get('dead')).toBe(false);
  return texts;
}

interface Told {
  readonly json: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string>>;
}

const isTold = (body: unknown): body is Told => typeof body === 'object' && body !== null && 'environment' in body;

describe("a function's world", () => {
  it('is that of Lambda: context, environment, a trace of its own for every invocation', async () => {
    send('telling', '1');
    await expect.poll(() => done.filter(isTold)).toHaveLength(1);
    send('telling', '2');
    await expect.poll(() => done.filter(isTold)).toHaveLength(2);
    const [first, second] = done.filter(isTold) as [Told, Told];
    expect(first.context).toMatchObject({
      functionName: 'world-dev-telling',
      functionVersion: '$LATEST',
      invokedFunctionArn: 'arn:aws:lambda:eu-west-1:111122223333:function:world-dev-telling',
      memoryLimitInMB: '256',
      logGroupName: '/aws/lambda/world-dev-telling',
      logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { left } = first.context;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(3_000);
    expect(first.environment).toMatchObject({
      GREETING: 'hello',
      AWS_REGION: 'eu-west-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      AWS_LAMBDA_FUNCTION_NAME: 'world-dev-telling',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_LOG_STREAM_NAME: first.context['logStreamName'],
      LAMBDA_TASK_ROOT: service.folder,
      _HANDLER: 'handlers.telling',
      _X_AMZN_TRACE_ID: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]$/),
    });
    expect(second.environment['AWS_LAMBDA_LOG_STREAM_NAME']).toBe(first.environment['AWS_LAMBDA_LOG_STREAM_NAME']);
    expect(second.environment['_X_AMZN_TRACE_ID']).not.toBe(first.environment['_X_AMZN_TRACE_ID']);
    expect(second.context['awsRequestId']).not.toBe(first.context['awsRequestId']);
  });

  it("keeps Powertools' buffered lines apart: an error brings out those of its own invocation", async () => {
    send('telling', '"loud"');
    await expect.poll(offline.output).toContain('out with it');
    await expect.poll(() => done.filter(isTold)).toHaveLength(3);
    const [quiet, , loud] = done.filter(isTold) as [Told, Told, Told];
    await expect.poll(offline.output).toContain(`kept back ${loud.context['awsRequestId']}`);
    expect(offline.output()).not.toContain(`kept back ${quiet.context['awsRequestId']}`);
  });
});

describe.each([
  ['calling', 'that calls back', /the handler threw called back in vain/],
  ['sleeping', 'that hangs on a promise, with a timeout of 3 s', /within 3000 ms|3000/],
  ['nonsense', 'that returns nonsense', /unknown itemIdentifier \\?"none of yours/],
] as const)('the function %s, %s', (queue, _, reason) => {
  it('loses nothing: the others are handled, the one is set aside', async () => {
    const texts = Array.from({ length: 6 }, (_unused, index) => `${queue} ${index}`);
    for (const text of texts.slice(0, 3)) send(queue, text);
    send(queue, 'fault');
    for (const text of texts.slice(3)) send(queue, text);
    await answered(texts);
    expect(await deadLetters(1)).toEqual(['fault']);
    await expect.poll(offline.output).toMatch(reason);
  });
});

describe('a function that throws at each third message', () => {
  it('handles the others, and each third one is set aside', async () => {
    const all = Array.from({ length: 9 }, (_, index) => `${index + 1}`);
    for (const text of all) send('thirds', text);
    await answered(['1', '2', '4', '5', '7', '8']);
    expect(await deadLetters(3)).toEqual(['3', '6', '9']);
    await expect.poll(offline.output).toContain('the handler threw {"third":"3"}');
  });
});

describe('a queue with retry: aws', () => {
  it('has its batch again until it succeeds', async () => {
    send('stubborn', 'a');
    await answered(['a']);
    await expect.poll(offline.output).toContain('attempt 5 at a');
  });
});

describe('an event of serverless.yml', () => {
  it('is filtered, and waits for a full batch, as it says; a disabled one is not served', async () => {
    send('off', 'never');
    for (const [n, kind] of ['wanted', 'other', 'wanted', 'wanted', 'other'].entries()) {
      send('picky', JSON.stringify({ n, kind }));
    }
    await expect.poll(() => done.filter(Array.isArray)).toEqual([[0, 2, 3]]);
    await expect
      .poll(offline.output)
      .toContain('picky picky: 2 messages match none of the filterPatterns and were removed, as on AWS');
    expect((await client.checkQueue('off')).messageCount).toBe(1);
  });
});
