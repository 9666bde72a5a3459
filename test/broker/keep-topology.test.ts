import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepTopology } from '../../infra/functions/keep-topology.js';
import { changelogOf } from '../../lib/rabbitmq/changelog/stream.js';
import { amqpUrl, openScene, type Scene } from '../support/broker/broker.js';
import { recordingLog } from '../support/broker/recording-log.js';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.close());

/** Declares it all once. */
async function keep(remembered: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const kept = keepTopology([scene.topology], {
    amqpUrl,
    plainQueues: [],
    remembered,
    log: recordingLog(),
    onBack: () => undefined,
    signal: stop.signal,
  });
  await kept.tried;
  stop.abort();
  await kept.ended;
}

async function isThere(queue: string): Promise<boolean> {
  const channel = await scene.newChannel();
  return channel.checkQueue(queue).then(
    () => true,
    () => false,
  );
}

it('what keeps the memory of a queue is declared with it, where the queue is there', async () => {
  await keep([scene.queue, `${scene.queue}.missing`]);
  expect(await isThere(changelogOf(scene.queue))).toBe(true);
  expect(await isThere(changelogOf(`${scene.queue}.missing`))).toBe(false);
});

it('a changelog that was deleted is not declared again: its runner says that the memory is lost', async () => {
  await keep([scene.queue]);
  await scene.channel.deleteQueue(changelogOf(scene.queue));
  await keep([scene.queue]);
  expect(await isThere(changelogOf(scene.queue))).toBe(false);
});
