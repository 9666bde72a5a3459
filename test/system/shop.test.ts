import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { type Child, type CommandName, processesOf } from '../support/system/child.js';
import { commandsPerTest } from '../support/system/commands.js';

const { folder, useSharedBroker, start, startBroker } = commandsPerTest();

async function end(child: Child, signal: NodeJS.Signals): Promise<number | string> {
  child.process.kill(signal);
  return child.ended;
}

describe('the demo', () => {
  it('starts a RabbitMQ, plays the shop, shows that all is right, and leaves nothing running', async () => {
    const demo = start('smart-shopping', ['demo']);
    expect({ code: await demo.ended, stderr: demo.stderr() }).toMatchObject({ code: 0 });
    const table = demo.stdout();
    for (const customer of [1, 2, 3, 4, 5]) expect(table).toContain(`8 for customer-${customer}`);
    expect(table).toMatch(/shopping_events_dead_letter_queue │ pick up\s+│ ZZ-999\s+│ dead letter/);
    expect(processesOf(folder())).toEqual([]);
    expect(existsSync(join(folder(), '.smart-shopping', 'broker.json'))).toBe(false);

    // The streams of a restarted RabbitMQ answer later than the node does.
    const again = start('smart-shopping', ['demo', '--json']);
    expect({ code: await again.ended, stderr: again.stderr() }).toMatchObject({ code: 0 });
    expect(again.results()[0]).toMatchObject({ differences: [], bills: { length: 5 } });
  });

  it('leaves nothing running when it is stopped half-way', async () => {
    const demo = start('smart-shopping', ['demo']);
    await expect.poll(demo.stderr).toContain('starting RabbitMQ');
    expect(await end(demo, 'SIGINT')).toBe(1);
    expect(processesOf(folder())).toEqual([]);
  });
});

describe('the demo on a broker that was named', () => {
  it('asks first, and is disturbed by nothing that was there, nor disturbs it', async () => {
    const named = { AMQP_URL: await useSharedBroker() };
    const asking = start('smart-shopping', ['demo'], named);
    expect({ code: await asking.ended, stderr: asking.stderr() }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^The broker at amqp:\/\/local@.* Pass --yes to confirm\.\n$/),
    });
    expect(await start('smart-shopping', ['topology', 'declare'], named).ended).toBe(0);
    const connection = await connect(named.AMQP_URL);
    const channel = await connection.createConfirmChannel();
    const before = { billing_events: 5_000, shopping_events_dead_letter_queue: 2_100, worker01_queue: 0 };
    for (const [queue, count] of Object.entries(before)) {
      for (let n = 0; n < count; n++) channel.sendToQueue(queue, Buffer.from(`{"old":${n}}`), { persistent: true });
    }
    await channel.waitForConfirms();

    // A quorum queue gives a consumer without a prefetch 2,000 messages and no more.
    const demo = start('smart-shopping', ['demo', '--yes', '--json'], named);
    expect({ code: await demo.ended, stderr: demo.stderr() }).toMatchObject({ code: 0 });
    expect(demo.results()[0]).toMatchObject({ differences: [], bills: { length: 5 }, deadLetters: { length: 1 } });
    for (const [queue, count] of Object.entries(before)) {
      await expect.poll(async () => (await channel.checkQueue(queue)).messageCount).toBe(count);
    }
    await connection.close();
    // The dead letter that it took is accounted for.
    const list = start('smart-shopping', ['dead-letters', 'list', '--json'], named);
    expect(await list.ended).toBe(0);
    expect((list.results()[0] as { state: string }[]).filter(({ state }) => state !== 'waiting')).toEqual([]);
  });
});

describe('the app of a customer', () => {
  it('shows a message once that comes twice, and every one that has no id', async () => {
    const amqpUrl = await useSharedBroker();
    const app = start('run-customer-app', ['-c', 'customer-1', '--json']);
    await expect.poll(app.stderr).toContain('ready');
    const connection = await connect(amqpUrl);
    const channel = await connection.createChannel();
    const send = (product_number: string, messageId?: string) => {
      const event = { event_type: 'pick up', product_number, timestamp: '2026-01-01T10:00:00' };
      channel.publish('customer_app_events', 'customer-1', Buffer.from(JSON.stringify(event)), {
        ...(messageId && { messageId }),
      });
    };
    for (const id of ['1', '2', '1', undefined, undefined, '2']) send(`P-${id}`, id);
    send('last', 'last');
    await expect.poll(app.stdout).toContain('last');
    const shown = (app.results() as { product_number: string }[]).map(({ product_number }) => product_number);
    expect(shown).toEqual(['P-1', 'P-2', 'P-undefined', 'P-undefined', 'last']);
    await connection.close();
    expect(await end(app, 'SIGTERM')).toBe(0);
  });
});

describe("the exercise's commands, each in its own process", () => {
  it('take an event from the sensor to the customer, survive kill -9, and stop when told to', async () => {
    const broker = await startBroker();
    const brokerFile = join(folder(), '.smart-shopping', 'broker.json');
    expect(statSync(brokerFile).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(brokerFile, 'utf8'))).toMatchObject({ amqpUrl: broker.stdout().trim() });

    // The check that nothing is left is worthless unless it sees what is running.
    if (existsSync('/proc/self/environ')) expect(processesOf(folder()).join()).toMatch(/beam.*epmd|epmd.*beam/s);

    const check = async (...args: string[]) => {
      const checked = start('smart-shopping', ['topology', 'check', ...args]);
      return { code: await checked.ended, stdout: checked.stdout() };
    };
    expect(await check()).toMatchObject({ code: 1, stdout: expect.stringMatching(/queue billing_events .* missing/) });

    const worker = start('run-worker', ['--id', 'worker01', '--queue', 'worker01_queue', '-w', '1', '--json']);
    const app = start('run-customer-app', ['-c', 'customer-1', '--json']);
    await expect.poll(worker.stderr).toContain('worker01 is ready on worker01_queue');
    await expect.poll(app.stderr).toContain('ready');
    expect(worker.stderr()).not.toContain('is new');

    const produce = async (...args: string[]) => {
      const produced = start('produce-shopping-event', [...args, '--json']);
      expect({ code: await produced.ended, stderr: produced.stderr() }).toEqual({ code: 0, stderr: '' });
      return (produced.results()[0] as { event: { timestamp: string } }).event;
    };
    const pickUp = await produce('-e', 'pick up', '-c', 'customer-1');
    const purchase = await produce('--event', 'purchase', '--customer_id', 'customer-1', '--timeoffset', '5');
    const stranger = await produce('-e', 'pick up', '-c', 'customer-1', '-p', 'ZZ-999');

    await expect.poll(() => worker.results().length).toBe(3);
    expect(worker.results()).toEqual([
      { worker: 'worker01', verdict: 'picked up', event: pickUp },
      { worker: 'worker01', verdict: 'billed', event: purchase },
      { worker: 'worker01', verdict: 'rejected', event: stranger, reason: 'unknown product' },
    ]);
    await expect.poll(() => app.results().length).toBe(3);
    expect(app.results()).toEqual([
      pickUp,
      purchase,
      {
        customer_id: 'customer-1',
        product_number: 'AX-123',
        pickup_time: pickUp.timestamp,
        purchase_time: purchase.timestamp,
        shopping_cost: 8,
      },
    ]);
    expect(Date.parse(purchase.timestamp) - Date.parse(pickUp.timestamp)).toBeGreaterThanOrEqual(5 * 60_000);

    const heir = start('run-worker', ['-i', 'heir', '-q', 'worker01_queue', '--json']);
    await expect.poll(heir.stderr).toContain('another worker serves worker01_queue: heir stands by');
    const again = await produce('-e', 'pick up', '-c', 'customer-1');
    await expect.poll(() => worker.results().length).toBe(4);
    // Workers report every two seconds.
    await pause(4_000);
    expect(await end(worker, 'SIGKILL')).toBe('SIGKILL');
    // Before anything is delivered to it.
    await expect.poll(heir.stderr).toContain('heir takes over worker01_queue');
    await produce('-e', 'purchase', '-c', 'customer-1');
    await expect.poll(() => heir.results()).toMatchObject([{ verdict: 'billed' }]);
    await expect.poll(() => app.results().at(-1)).toMatchObject({ pickup_time: again.timestamp });

    expect(heir.stderr()).toBe(
      'another worker serves worker01_queue: heir stands by, and will take over when that one ends\n' +
        'heir takes over worker01_queue\n',
    );

    // When started again it has a different password: both find it where the broker stored it.
    expect(await end(broker, 'SIGTERM')).toBe(0);
    const restarted = await startBroker();
    expect(restarted.stdout()).not.toBe(broker.stdout());
    const late = await produce('-e', 'pick up', '-c', 'customer-1');
    await expect.poll(() => heir.results().at(-1)).toMatchObject({ verdict: 'picked up', event: late });
    await expect.poll(() => app.results().at(-1)).toEqual(late);

    expect(await start('smart-shopping', ['topology', 'declare']).ended).toBe(0);
    expect(await check('--json')).toEqual({ code: 0, stdout: '[]\n' });

    expect(await end(heir, 'SIGTERM')).toBe(0);
    expect(await end(app, 'SIGINT')).toBe(0);
    expect(await end(restarted, 'SIGTERM')).toBe(0);
  });

  it('say who shares a queue, and how many baskets move when one joins or leaves', async () => {
    await useSharedBroker();
    const app = start('run-customer-app', ['-c', 'customer-1']);
    const worker = start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue', '--json']);
    await expect.poll(worker.stderr).toContain('worker01 is ready');
    const early = start('run-worker', ['-i', 'worker02', '-q', 'worker02_queue', '--json']);
    await expect.poll(early.stderr).toContain('worker02 is ready');

    await expect.poll(app.stderr).toContain('is ready');
    const other = start('run-customer-app', ['-c', 'customer-1']);
    for (const one of [app, other]) await expect.poll(one.stderr).toContain('2 apps share the queue');
    expect(await end(other, 'SIGTERM')).toBe(0);
    await expect.poll(app.stderr).toContain('is no longer shared');

    // No basket was open: there was nothing to report.
    expect(early.stderr()).toBe('worker02 is ready on worker02_queue\n');
    expect(await start('produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1']).ended).toBe(0);
    await expect.poll(() => [...worker.results(), ...early.results()]).toHaveLength(1);
    // AX-123 moves with it.
    const joiner = start('run-worker', ['-i', 'worker03', '-q', 'worker03_queue', '--weight', '9', '--json']);
    await expect.poll(joiner.stderr).toContain('worker03 has taken over 1 open basket');
    await expect.poll(() => worker.stderr() + early.stderr()).toContain('has handed over 1 open basket');
    await expect.poll(joiner.stderr).toContain("weight 9: the workers' shares are no longer equal");
    expect(await start('produce-shopping-event', ['-e', 'purchase', '-c', 'customer-1']).ended).toBe(0);
    await expect.poll(joiner.results).toMatchObject([{ verdict: 'billed' }]);

    expect(await start('produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1']).ended).toBe(0);
    await expect.poll(joiner.results).toHaveLength(2);
    const rescale = async (...args: string[]) => {
      const child = start('smart-shopping', ['rescale', ...args]);
      return { code: await child.ended, stderr: child.stderr(), results: child.results() };
    };
    const two = ['worker01_queue', 'worker02_queue'];
    expect(await rescale('worker01_queue', 'worker01_queue')).toMatchObject({ code: 2 });
    expect(await rescale(...two, '--exchange', 'customer_app_events')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no customer_app_events.rescale'),
    });
    expect(await rescale(...two, 'worker04_queue', '--yes', '--json')).toMatchObject({
      code: 1,
      stderr: 'worker04_queue: no worker. Start one, or pass --wait.\n',
    });
    expect(await rescale(...two, '--json')).toMatchObject({ code: 2, stderr: 'Pass --yes to begin.\n' });
    const { code, results } = await rescale(...two, '--yes', '--json');
    expect(code).toBe(0);
    expect(results[0]).toMatchObject({ plan: { length: 3 }, steps: 1 });
    expect(results).toContainEqual(expect.objectContaining({ kind: 'gave', queue: 'worker03_queue' }));
    expect(results.at(-1)).toEqual({ finished: true, queues: two, entries: 1 });
    expect(await joiner.ended).toBe(0);
    expect(joiner.stderr()).toContain('worker03_queue has left: other workers have its products, and worker03 ends');
    expect(await start('produce-shopping-event', ['-e', 'purchase', '-c', 'customer-1']).ended).toBe(0);
    await expect
      .poll(() => [worker, early].map((child) => child.results().at(-1)))
      .toContainEqual(expect.objectContaining({ verdict: 'billed' }));
    // Whatever is as it should be is left alone.
    expect(await rescale(...two, '--yes', '--json')).toMatchObject({ code: 0, results: [{ finished: true }] });
    for (const child of [early, worker, app]) expect(await end(child, 'SIGTERM')).toBe(0);
  });

  it('say in one line what is wrong, and exit 2 for usage, 69 for no broker', async () => {
    const failing = async (command: CommandName, args: string[], env?: Record<string, string>) => {
      const child = start(command, args, env);
      const code = await child.ended;
      return { code, stdout: child.stdout(), line: child.stderr().trimEnd() };
    };
    const worker = ['-i', 'w', '-q', 'q'];
    expect(await failing('run-worker', ['-i', 'w'])).toMatchObject({
      code: 2,
      line: expect.stringContaining('--queue'),
    });
    expect(await failing('run-worker', [...worker, '-w', '0'])).toMatchObject({ code: 2 });
    expect(await failing('run-worker', ['-i', 'w', '-q', 'amq.w'])).toMatchObject({ code: 2 });
    expect(await failing('run-customer-app', ['-c', 'nobody'])).toMatchObject({
      code: 2,
      line: expect.stringContaining('"nobody"'),
    });
    expect(await failing('produce-shopping-event', ['-e', 'return', '-c', 'customer-1'])).toMatchObject({ code: 2 });
    for (const args of [
      ['demmo'],
      ['demo', '--quick'],
      ['broker', '--port', 'x'],
      ['sensor', '--port', '99999'],
      ['produce', '--count', '0'],
      ['produce', '--count', '5', '--products', '3'],
    ]) {
      expect(await failing('smart-shopping', args), args.join(' ')).toMatchObject({
        code: 2,
        stdout: '',
        line: expect.stringMatching(/^.+$/),
      });
    }
    for (const args of [
      ['sensor'],
      ['produce', '--count', '5'],
      ['topology', 'check'],
      ['rescale', 'worker01_queue'],
    ]) {
      expect(await failing('smart-shopping', args), args.join(' ')).toMatchObject({ code: 69, stdout: '' });
    }
    const none = await failing('run-worker', worker);
    expect(none).toEqual({ code: 69, stdout: '', line: expect.stringMatching(/^No RabbitMQ: .*$/) });
    const refused = await failing('run-worker', worker, { AMQP_URL: 'amqp://me:secret@127.0.0.1:1' });
    expect(refused).toMatchObject({
      code: 69,
      line: expect.stringMatching(/^RabbitMQ at amqp:\/\/me@127\.0\.0\.1:1: .*REFUSED.*$/),
    });
    const broken = await failing('run-worker', worker, { SHOP_DATABASE: 'none.json' });
    expect(broken).toMatchObject({ code: 1, line: expect.stringMatching(/^none\.json: ENOENT.*$/) });
  });
});
