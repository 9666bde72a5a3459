import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Collector, openCollector } from '../support/system/collector.js';
import { commandsPerTest } from '../support/system/commands.js';

const { useSharedBroker, start } = commandsPerTest();
const WORKER = ['--id', 'worker01', '--queue', 'worker01_queue', '-w', '1', '--json'];

let collector: Collector;
beforeEach(async () => {
  collector = await openCollector();
});
afterEach(() => collector.close());

it('processes send their spans to a collector that the environment names, each by its name', async () => {
  await useSharedBroker();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint };
  const worker = start('run-worker', WORKER, env);
  const app = start('run-customer-app', ['-c', 'customer-1'], env);
  for (const role of [worker, app]) await expect.poll(role.stderr).toContain('ready');
  for (const event of ['pick up', 'purchase']) {
    expect(await start('produce-shopping-event', ['-e', event, '-c', 'customer-1'], env).ended).toBe(0);
  }
  const ofPurchase = () =>
    [...collector.traces().values()].find((hops) => hops.includes('worker01: send billing_events'))?.toSorted();
  await expect
    .poll(ofPurchase)
    .toEqual([
      'customer_app.customer-1: process customer_app.customer-1',
      'customer_app.customer-1: process customer_app.customer-1',
      'produce_shopping_event: send shopping_events_exchange',
      'worker01: process worker01_queue',
      'worker01: send billing_events',
      'worker01: send customer_app_events',
      'worker01: send customer_app_events',
    ]);
  expect(collector.traces().size).toBe(2);
});

it('what a process traced last is sent before it ends', async () => {
  await useSharedBroker();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '600000' };
  const worker = start('run-worker', WORKER, env);
  await expect.poll(worker.stderr).toContain('ready');
  expect(await start('produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1']).ended).toBe(0);
  await expect.poll(worker.results).toMatchObject([{ verdict: 'picked up' }]);
  expect(collector.traces().size).toBe(0);
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
  expect([...collector.traces().values()]).toEqual([
    expect.arrayContaining(['worker01: process worker01_queue', 'worker01: send customer_app_events']),
  ]);
});

it('a collector that is not there costs nothing but the traces', async () => {
  await useSharedBroker();
  const worker = start('run-worker', WORKER, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  await expect.poll(worker.stderr).toContain('ready');
  expect(await start('produce-shopping-event', ['-e', 'pick up', '-c', 'customer-1']).ended).toBe(0);
  await expect.poll(worker.results).toMatchObject([{ verdict: 'picked up' }]);
  worker.process.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
