import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import { addressesIn } from '../../lib/rabbitmq/connection/address.js';
import type { Figure } from './figure.js';
import { Running } from './running.js';
import { spreadOf } from './statistics.js';

const QUEUES = [1, 4, 16];
const EVENTS = 20_000;
const KEYS = 1_000;
const DONE = 'sizing.done';
const QUORUM = { 'x-queue-type': 'quorum' };

/** One `poll` with some queues of its own, and a client that gives it work. */
export interface Stand {
  readonly title: string;
  readonly poll: Running;
  readonly rates: number[];
  /** Events per second. */
  work(): Promise<number>;
  close(): Promise<void>;
}

export interface StandOptions {
  readonly title: string;
  readonly amqpUrl: string;
  readonly queues: number;
  readonly changelog: boolean;
}

export async function openStand({ title, amqpUrl, queues: count, changelog }: StandOptions): Promise<Stand> {
  // The load and the results go to the first node.
  const model = await connect(addressesIn(amqpUrl)[0] ?? '', { noDelay: true });
  const channel = await model.createConfirmChannel();
  await channel.assertQueue(DONE, { arguments: QUORUM });
  let open = 0;
  let onDone = (): void => undefined;
  const queues = Array.from({ length: count }, (_, index) => `sizing.${changelog}.${count}.${index}`);
  for (const queue of queues) await channel.assertQueue(queue, { arguments: QUORUM });
  return {
    title,
    poll: await start(amqpUrl, queues, changelog),
    rates: [],
    work: async () => {
      // Others work here at other times.
      const { consumerTag } = await channel.consume(DONE, () => --open === 0 && onDone(), { noAck: true });
      open = EVENTS;
      const done = new Promise<void>((resolve) => {
        onDone = resolve;
      });
      const startedAt = performance.now();
      for (let index = 0; index < EVENTS; index++) {
        const content = Buffer.from(JSON.stringify({ key: `key-${index % KEYS}`, text: 'x'.repeat(500) }));
        const options = { persistent: true, messageId: `${startedAt}.${index}` };
        if (!channel.sendToQueue(queues[index % queues.length] as string, content, options)) {
          await channel.waitForConfirms();
        }
      }
      await done;
      const rate = (1_000 * EVENTS) / (performance.now() - startedAt);
      await channel.cancel(consumerTag);
      return rate;
    },
    close: () => model.close(),
  };
}

/** Has them work in turn, so that other load on the machine affects all alike. */
export async function workInTurns(
  stands: readonly Stand[],
  rounds: number,
  onProgress: (line: string) => void,
): Promise<void> {
  for (let round = 0; round <= rounds; round++) {
    for (const stand of stands) {
      const rate = await stand.work();
      const name = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
      onProgress(`${name}  ${stand.title}: ${rate.toFixed(0)} events/s`);
      if (round > 0) stand.rates.push(rate);
    }
  }
}

/** What one `poll` does with 1, 4 and 16 queues, each with a thread of its own, and what memory that takes. */
export async function measureSizing(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const stands: Stand[] = [];
  try {
    for (const changelog of [false, true]) {
      for (const queues of QUEUES) {
        const title = `${queues} queue${queues === 1 ? '' : 's'}${changelog ? ', changelog' : ''}`;
        stands.push(await openStand({ title, amqpUrl, queues, changelog }));
      }
    }
    const idle = stands.map(({ poll }) => poll.memoryMb());
    await workInTurns(stands, rounds, onProgress);
    return stands.flatMap(({ title, poll, rates }, index) => [
      { what: `poll, ${title}`, unit: 'events/s', spread: spreadOf(rates) },
      { what: `poll, ${title}: memory at the start`, unit: 'MB', spread: spreadOf([idle[index] ?? 0]) },
      { what: `poll, ${title}: memory after the work`, unit: 'MB', spread: spreadOf([poll.memoryMb()]) },
    ]);
  } finally {
    await closeAll(stands);
  }
}

export async function closeAll(stands: readonly Stand[]): Promise<void> {
  for (const { poll, close } of stands) {
    await poll.end();
    await close();
  }
}

function start(amqpUrl: string, queues: readonly string[], changelog: boolean): Promise<Running> {
  const file = relative(process.cwd(), fileURLToPath(new URL('./sizing-handler.handler', import.meta.url)));
  const args = ['poll', '--amqp-url', amqpUrl, '--handler', `./${file}`, ...queues.flatMap((queue) => ['-q', queue])];
  const command = changelog ? [...args, '--changelog'] : args;
  return Running.command('smart-shopping', command, /queues are served/);
}
