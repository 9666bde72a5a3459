import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { encodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import { FULL_QUEUE, fillChangelog } from './baskets.js';
import { Child } from './child.js';
import type { Figure } from './figure.js';
import { pairedRatios, spreadOf } from './statistics.js';
import { declareBench } from './topology.js';
import { eventsOfRound } from './work.js';

const CHANGES = 1_000_000;

/**
 * How long a worker takes to read its memory back, in a new process each time, against a bare reader of the same stream; nothing
 * else is running.
 */
export async function measureReplay(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  await declareBench(amqpUrl, 'quorum', (connection) => fillChangelog(connection, CHANGES));
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    bare.push(await readBare(amqpUrl));
    ours.push(await recover(amqpUrl, round));
    onProgress(
      `round ${round} of ${rounds}  replay: ${ours.at(-1)?.toFixed(0)} ms, bare ${bare.at(-1)?.toFixed(0)} ms`,
    );
  }
  const what = 'replay of 1,000,000 changes';
  return [
    { what, unit: 'ms', spread: spreadOf(ours) },
    { what: 'bare reader: the same stream', unit: 'ms', spread: spreadOf(bare) },
    { what: `${what}: ours / bare reader`, unit: 'paired', spread: pairedRatios(ours, bare), atMost: 1.3 },
  ];
}

async function readBare(amqpUrl: string): Promise<number> {
  const reader = await Child.start('./bare-reader.js', { amqpUrl });
  const ms = await reader.ask<number>('read', CHANGES);
  await reader.end();
  return ms;
}

/** A worker recovers at its first delivery. */
async function recover(amqpUrl: string, round: number): Promise<number> {
  const worker = await Child.start('./contender-ours.js', { amqpUrl, changelog: {} });
  await publishOne(amqpUrl, `replay.${round}`);
  for (;;) {
    const ms = await worker.ask<number | undefined>('replayMs');
    if (ms === undefined) await sleep(100);
    else {
      await worker.end();
      return ms;
    }
  }
}

async function publishOne(amqpUrl: string, messageId: string): Promise<void> {
  const [event] = eventsOfRound('replay', 1);
  if (event === undefined) throw new RangeError('no event');
  const model = await connect(amqpUrl);
  const channel = await model.createConfirmChannel();
  channel.sendToQueue(FULL_QUEUE, Buffer.from(JSON.stringify(encodeShoppingEvent(event))), {
    persistent: true,
    messageId,
  });
  await channel.waitForConfirms();
  await model.close();
}
