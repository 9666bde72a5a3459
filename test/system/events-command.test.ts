import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { rmqEventSchema } from '../../lib/lambda/event/rmq-event-schema.js';
import { type Child, start } from '../support/system/child.js';
import { commandsPerTest } from '../support/system/commands.js';

const commands = commandsPerTest();
const PROJECT = process.cwd();
const WORKER = ['--id', 'worker01', '--queue', 'worker01_queue', '-w', '1'];

/** In the project's folder, where serverless.yml is. */
const replay = (...args: readonly string[]): Child => start(PROJECT, 'smart-shopping', ['events', 'replay', ...args]);

describe('events', () => {
  it('are recorded beside a worker, given to the function again, and put on another queue', async () => {
    const amqpUrl = await commands.useSharedBroker();
    const worker = commands.start('run-worker', [...WORKER, '--recordable']);
    await expect.poll(worker.stderr).toContain('ready');
    const out = join(commands.folder(), 'events.jsonl');
    const recorder = commands.start('smart-shopping', [
      'events',
      'record',
      'worker01_queue',
      '-o',
      out,
      '-n',
      '3',
      '--json',
    ]);
    await expect.poll(recorder.stderr).toContain('Recording');
    for (const [event, product] of [
      ['pick up', 'AX-123'],
      ['purchase', 'AX-123'],
      ['pick up', 'ZZ-999'],
    ] as const) {
      expect(
        await commands.start('produce-shopping-event', ['-e', event, '-c', 'customer-1', '-p', product]).ended,
      ).toBe(0);
    }
    expect(await recorder.ended).toBe(0);
    expect(recorder.results()).toMatchObject([{ queue: 'worker01_queue', messages: 3, invocations_left_off: 0 }]);
    expect(statSync(out).mode & 0o777).toBe(0o600);

    const replayed = replay(out, '--function', 'shoppingWorker');
    expect({ code: await replayed.ended, stderr: replayed.stderr() }).toEqual({ code: 0, stderr: '' });
    expect(replayed.stdout()).toMatch(
      /^3 messages in \d invocations, .* 1 refused, 0 failed; \d answers as recorded, 0 not\. Nothing was published\.\n$/,
    );

    const connection = await connect(amqpUrl);
    const channel = await connection.createChannel();
    await channel.assertQueue('again', { durable: true });
    const published = commands.start('smart-shopping', [
      'events',
      'replay',
      out,
      '--publish',
      '--queue',
      'again',
      '--json',
    ]);
    expect({ code: await published.ended, results: published.results() }).toEqual({
      code: 0,
      results: [{ queue: 'again', published: 3 }],
    });
    const bodies: unknown[] = [];
    for (let got = await channel.get('again'); got; got = await channel.get('again'))
      bodies.push(JSON.parse(got.content.toString()));
    expect(bodies).toMatchObject([{ event_type: 'pick up' }, { event_type: 'purchase' }, { product_number: 'ZZ-999' }]);
    await connection.close();
  });

  it('are put on a queue, with properties and headers; one that is not there is named', async () => {
    const connection = await connect(await commands.useSharedBroker());
    const channel = await connection.createChannel();
    await channel.assertQueue('orders', { durable: true });
    const send = (queue: string, ...args: string[]) =>
      commands.start('smart-shopping', ['events', 'send', queue, ...args]);

    const sent = send('orders', '-b', '{"n":1}', 'no JSON', '-H', 'retries=2', '--message-id', 'm', '--json');
    expect(await sent.ended).toBe(0);
    expect(sent.results()).toEqual([{ queue: 'orders', sent: 2 }]);
    for (const [messageId, body] of [
      ['m-1', '{"n":1}'],
      ['m-2', 'no JSON'],
    ] as const) {
      const got = (await channel.get('orders', { noAck: true })) || undefined;
      expect(got?.content.toString()).toBe(body);
      expect(got?.properties).toMatchObject({ messageId, deliveryMode: 2, headers: { retries: 2 } });
    }

    const nowhere = send('nowhere');
    expect({ code: await nowhere.ended, stderr: nowhere.stderr() }).toEqual({
      code: 1,
      stderr: 'There is no queue nowhere: nothing was sent.\n',
    });
    await connection.close();
  });

  it('are refused where they cannot be recorded, with what to do', async () => {
    const out = join(commands.folder(), 'events.jsonl');
    expect(await commands.start('smart-shopping', ['events', 'record', 'nowhere', '-o', out]).ended).toBe(69);
    await commands.useSharedBroker();
    const nobody = commands.start('smart-shopping', ['events', 'record', 'nowhere', '-o', out]);
    expect(await nobody.ended).toBe(1);
    expect(nobody.stderr()).toContain(
      'No poller of nowhere can be recorded. Only a poller that allows it can be recorded: `--recordable`',
    );
    expect(existsSync(out)).toBe(false);
    writeFileSync(out, 'mine');
    const again = commands.start('smart-shopping', ['events', 'record', 'nowhere', '-o', out]);
    expect({ code: await again.ended, stderr: again.stderr() }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already exists'),
    });
  });

  it('are made up, with properties and headers, and given to a function', async () => {
    const body = JSON.stringify({ event_type: 'purchase', product_number: 'ZZ-999', timestamp: '2026-01-01T10:00:00' });
    const flags = [
      '-q',
      'worker01_queue',
      '-b',
      body,
      'no JSON',
      '-H',
      'retries=2',
      'kind=new',
      '--message-id',
      'm',
      '--priority',
      '3',
    ];
    const generated = commands.start('smart-shopping', ['events', 'generate', ...flags]);
    expect(await generated.ended).toBe(0);
    const event = rmqEventSchema.parse(JSON.parse(generated.stdout()));
    const [first, second] = event.rmqMessagesByQueue['worker01_queue::/'] ?? [];
    expect(first?.basicProperties).toMatchObject({
      contentType: 'application/json',
      messageId: 'm-1',
      priority: 3,
      headers: { retries: 2, kind: { bytes: [...Buffer.from('new')] } },
      timestamp: null,
    });
    expect(Buffer.from(second?.data ?? '', 'base64').toString()).toBe('no JSON');
    const file = join(commands.folder(), 'event.json');
    writeFileSync(file, generated.stdout());
    const replayed = replay(file, '-f', 'shoppingWorker', '--json');
    expect({ code: await replayed.ended, results: replayed.results() }).toMatchObject({
      code: 0,
      results: [
        { messages: 2, answer: { batchItemFailures: [{ reason: 'unknown product' }, { reason: 'undecodable' }] } },
      ],
    });
    const unknown = replay(file, '-f', 'shopingWorker');
    expect({ code: await unknown.ended, stderr: unknown.stderr() }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('it has shoppingSensor'),
    });
    const recording = join(commands.folder(), 'recording.jsonl');
    writeFileSync(recording, '{"kind":"begin"}\n{}\n');
    const none = join(commands.folder(), 'none');
    for (const wrong of [[file], [file, '--publish'], [none, '--publish'], [recording, '--publish']]) {
      expect(await replay(...wrong).ended).toBe(2);
    }
  });
});
