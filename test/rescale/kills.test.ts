import { afterEach, describe, expect, it } from 'vitest';
import type { Step } from '../../lib/rabbitmq/steps.js';
import { endWorkers, forkWorker, type WorkerProcess } from '../support/broker/forked.js';
import type { OrderWorkerOrders } from '../support/broker/order-worker.js';
import {
  newOrderNames,
  type OrderWorker,
  ready,
  startOrderSensor,
  startOrderWorker,
} from '../support/broker/shared-orders.js';

afterEach(endWorkers);

/** The first queue's worker gives, and takes the steps; the second's gives; the third's joins, and takes. */
type Victim = '1' | '2' | '3';

interface Kill {
  readonly victim: Victim;
  readonly step: Step;
  readonly signal?: 'SIGKILL' | 'SIGTERM';
}

const KILLS: readonly Kill[] = [
  ...(['barriers to takers sent', 'ring bound', 'barriers to givers sent'] as const).map(
    (step): Kill => ({ victim: '1', step }),
  ),
  ...(['barrier met', 'entries given', 'all given', 'giving told', 'barrier acknowledged'] as const).flatMap((step) =>
    (['1', '2'] as const).map((victim): Kill => ({ victim, step })),
  ),
  ...(
    ['barrier met', 'opening written', 'recovered', 'entries taken', 'taking told', 'barrier acknowledged'] as const
  ).map((step): Kill => ({ victim: '3', step })),
];

/** Of the third worker: it has said that it took over. */
const AFTER_TAKING = new Set<Step>(['taking told', 'barrier acknowledged']);

async function shop(names: ReturnType<typeof newOrderNames>, kill: Kill, withStandby: boolean): Promise<void> {
  const { exchange } = names;
  const queueOf = (name: string) => names.worker(name);
  const { signal = 'SIGKILL' } = kill;
  const start = (name: Victim, fault?: Step): WorkerProcess =>
    forkWorker('order-worker', {
      exchange,
      queue: queueOf(name),
      ...(fault && { fault: { step: fault, nth: 1, signal } }),
    } satisfies OrderWorkerOrders);
  const one = start('1');
  await one.reached('barrier acknowledged');
  const two = start('2');
  await two.reached('barrier acknowledged');
  const first = { 1: one, 2: two };
  // Now the victim's next barrier is that of the third.
  if (kill.victim !== '3') {
    first[kill.victim].child.kill('SIGTERM');
    await first[kill.victim].ended;
  }
  const faulty = kill.victim === '3' ? undefined : start(kill.victim, kill.step);
  await faulty?.reached('subscribed');
  const sensor = await startOrderSensor(names, { keys: 600, perSecond: 300 });
  const victim = faulty ?? start('3', kill.step);
  if (withStandby && kill.victim !== '3') await start(kill.victim).reached('subscribed');
  const third = kill.victim === '3' ? undefined : start('3');
  await victim.ended;
  expect([victim.child.signalCode, victim.child.exitCode]).toEqual(signal === 'SIGKILL' ? [signal, null] : [null, 0]);
  const heir = start(kill.victim);
  if (!AFTER_TAKING.has(kill.step) || third !== undefined) await (third ?? heir).reached('taking told');
  else await heir.reached('subscribed');
  const report = await sensor.closes();
  expect(report.wrong).toEqual([]);
}

describe('a rescale under a sensor that never stops', () => {
  it.each(KILLS)('loses nothing when worker $victim is killed at "$step"', async (kill) => {
    await shop(newOrderNames(), kill, false);
  });

  it.each(KILLS.filter(({ victim }) => victim === '2'))(
    'loses nothing when a standby takes over worker $victim at "$step"',
    async (kill) => {
      await shop(newOrderNames(), kill, true);
    },
  );

  it.each<Kill>([
    { victim: '1', step: 'ring bound', signal: 'SIGTERM' },
    { victim: '2', step: 'entries given', signal: 'SIGTERM' },
    { victim: '3', step: 'barrier met', signal: 'SIGTERM' },
    { victim: '3', step: 'entries taken', signal: 'SIGTERM' },
  ])('loses nothing when worker $victim is stopped at "$step"', async (kill) => {
    await shop(newOrderNames(), kill, false);
  });

  it('says whom it waits for where a worker stays away, and goes on when he comes back', async () => {
    const names = newOrderNames();
    const running = new Map<Victim, OrderWorker>();
    const start = async (name: Victim): Promise<OrderWorker> => {
      const worker = startOrderWorker(names, names.worker(name));
      running.set(name, worker);
      await expect.poll(() => worker.steps).toContain('subscribed');
      return worker;
    };
    for (const name of ['1', '2'] as const) await ready(await start(name));
    const sensor = await startOrderSensor(names, { keys: 600, perSecond: 300 });
    const third = await start('3');
    await expect.poll(() => third.steps).toContain('barrier met');
    await running.get('2')?.stop();
    await expect.poll(() => third.log.of('rescale-waits').join()).toContain(`"missing":["${names.worker('2')}"]`);
    expect(third.log.of('rescale-took')).toEqual([]);
    await start('2');
    await ready(third);
    expect((await sensor.closes()).wrong).toEqual([]);
    await Promise.all([...running.values()].map((worker) => worker.stop()));
  });
});
