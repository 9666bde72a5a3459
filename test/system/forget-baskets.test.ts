import { connect } from 'amqplib';
import { expect, it } from 'vitest';
import { commandsPerTest } from '../support/system/commands.js';

const { useSharedBroker, start } = commandsPerTest();

it('a worker whose changelog was deleted does not start, until somebody says that its baskets may be forgotten', async () => {
  const amqpUrl = await useSharedBroker();
  const startWorker = () => start('run-worker', ['-i', 'worker01', '-q', 'worker01_queue']);
  const forget = (...args: string[]) => start('smart-shopping', ['forget-baskets', 'worker01_queue', ...args]);

  const first = startWorker();
  await expect.poll(first.stderr).toMatch(/is ready on/);
  const tooEarly = forget('--yes');
  expect({ code: await tooEarly.ended, stderr: tooEarly.stderr() }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('A worker listens to worker01_queue: stop it first.'),
  });
  first.process.kill('SIGTERM');
  await first.ended;

  const client = await connect(amqpUrl);
  await (await client.createChannel()).deleteQueue('worker01_queue.changelog');
  await client.close();
  const second = startWorker();
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toContain('worker01_queue.changelog existed');

  expect(await forget().ended).toBe(2);
  expect(await forget('--yes').ended).toBe(0);
  const again = forget('--yes');
  expect({ code: await again.ended, stderr: again.stderr() }).toEqual({
    code: 0,
    stderr: 'There is no worker01_queue.changelog: worker01_queue has no baskets to forget.\n',
  });
  const third = startWorker();
  await expect.poll(third.stderr).toMatch(/is ready on/);
});
