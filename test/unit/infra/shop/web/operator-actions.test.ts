import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DeadLetterActions } from '../../../../../infra/shop/web/dead-letter-actions.js';
import type { ActionProgress } from '../../../../../lib/shop/floor/shop-status.js';
import { recordingLog } from '../../../../support/broker/recording-log.js';
import { type Answer, type Served, serve } from './serve.js';

let served: Served;
let cookie: string;
beforeAll(async () => {
  served = await serve();
  cookie = await served.open({ role: 'operator' });
});
afterAll(() => served.close());

/** What the page sends, except for what the test changes. */
function post(act: string, body: string, headers: Record<string, string | undefined> = {}): Promise<Answer> {
  const sent = { cookie, origin: served.origin, 'content-type': 'application/json', ...headers };
  const kept = Object.entries(sent).filter((header): header is [string, string] => header[1] !== undefined);
  return served.get(`/floor/acts/${act}`, Object.fromEntries(kept), { method: 'POST' }, body);
}

const ALL = '{"all":true}';
const ACTS = ['redrive', 'purge', 'events', 'run-again'];

describe('what an operator can do', () => {
  it.each(ACTS)('is for nobody without a pass, nor for a customer: %s', async (act) => {
    expect(await post(act, ALL, { cookie: undefined })).toMatchObject({ status: 401 });
    const customers = await served.open({ role: 'customer', customer: 'customer-1' });
    expect(await post(act, ALL, { cookie: customers })).toMatchObject({ status: 401 });
  });

  it.each(ACTS)('is for our own pages only: %s', async (act) => {
    expect(await post(act, ALL, { origin: undefined })).toMatchObject({ status: 403 });
    expect(await post(act, ALL, { origin: 'http://evil.example' })).toMatchObject({ status: 403 });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      expect(await post(act, ALL, { 'content-type': type })).toMatchObject({ status: 415 });
    }
  });

  it.each(ACTS)('takes no more than it can use: %s', async (act) => {
    expect(await post(act, `"${'x'.repeat(270_000)}"`)).toMatchObject({ status: 413 });
  });

  it.each(['', 'no JSON', '{}', '{"ids":[]}', '{"ids":[7]}', '{"all":false}', '{"all":true,"ids":["a"]}'])(
    'has to be said clearly: %j',
    async (body) => {
      expect(await post('redrive', body)).toMatchObject({ status: 400, body: expect.stringContaining('ids') });
    },
  );

  it('names one invocation to run again, and says why it cannot be', async () => {
    for (const wish of ['{}', '{"queue":"worker01_queue","requestId":"x"}', '{"queue":"","requestId":7}']) {
      expect(await post('run-again', wish)).toMatchObject({
        status: 400,
        body: expect.stringContaining('requestId'),
      });
    }
    const wish = JSON.stringify({ queue: 'worker01_queue', requestId: randomUUID() });
    expect(await post('run-again', wish)).toMatchObject({ status: 409, body: 'The broker went away.' });
  });

  it('is nothing else', async () => {
    expect(await post('drop-everything', ALL)).toMatchObject({ status: 404 });
  });

  it('is taken, and an event goes where those of the sensor go', async () => {
    expect(await post('events', '{}')).toMatchObject({ status: 202 });
    expect(await post('redrive', '{"ids":["f00"]}')).toMatchObject({ status: 202 });
  });
});

describe('the actions on dead letters', () => {
  it('does one thing at a time, and says how it ended', async () => {
    const told: ActionProgress[] = [];
    let over = (): void => undefined;
    const failed = new Promise<void>((resolve) => {
      over = resolve;
    });
    const deadLetters = new DeadLetterActions({
      amqpUrl: 'amqp://127.0.0.1:1',
      log: recordingLog(),
      signal: new AbortController().signal,
      onProgress: (progress) => {
        told.push(progress);
        if (progress.state === 'failed') over();
      },
    });
    expect(deadLetters.start({ kind: 'redrive', which: 'all', by: 'a test' })).toBe(true);
    expect(deadLetters.start({ kind: 'purge', which: 'all', by: 'a test' })).toBe(false);
    await failed;
    expect(told).toMatchObject([
      { kind: 'redrive', state: 'running' },
      { kind: 'redrive', state: 'failed', problem: 'the broker went away' },
    ]);
    await expect.poll(() => deadLetters.start({ kind: 'purge', which: 'all', by: 'a test' })).toBe(true);
  });
});
