import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'amqplib';
import type { Figure } from './figure.js';
import { Running } from './running.js';
import { spreadOf } from './statistics.js';

const QUEUES = [1, 4, 16];
const EVENTS = 20_000;
const KEYS = 1_000;
const DONE = 'sizing.done';
const QUORUM = { 'x-queue-type': 'quorum' };

interface Contender {
  readonly title: string;
  readonly queues: readonly string[];
  readonly poll: Running;
  readonly rates: number[];
}

/** What one `poll` does with 1, 4 and 16 queues, each with a thread of its own, and what memory that takes. */
export async function measureSizing(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  await channel.assertQueue(DONE, { arguments: QUORUM });
  let open = 0;
  let onDone = (): void => undefined;
  await channel.consume(DONE, () => --open === 0 && onDone(), { noAck: true });
  const work = async ({ queues }: Contender): Promise<number> => {
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
    return (1_000 * EVENTS) / (performance.now() - startedAt);
  };

  const contenders: Contender[] = [];
  try {
    for (const changelog of [false, true]) {
      for (const count of QUEUES) {
        const title = `${count} queue${count === 1 ? '' : 's'}${changelog ? ', changelog' : ''}`;
        const queues = Array.from({ length: count }, (_, index) => `sizing.${changelog}.${count}.${index}`);
        for (const queue of queues) await channel.assertQueue(queue, { arguments: QUORUM });
        contenders.push({ title, queues, poll: await start(amqpUrl, queues, changelog), rates: [] });
      }
    }
    const idle = contenders.map(({ poll }) => poll.memoryMb());
    for (let round = 0; round <= rounds; round++) {
      for (const contender of contenders) {
        const rate = await work(contender);
        const name = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
        onProgress(`${name}  ${contender.title}: ${rate.toFixed(0)} events/s`);
        if (round > 0) contender.rates.push(rate);
      }
    }
    return contenders.flatMap(({ title, poll, rates }, index) => [
      { what: `poll, ${title}`, unit: 'events/s', spread: spreadOf(rates) },
      { what: `poll, ${title}: memory at the start`, unit: 'MB', spread: spreadOf([idle[index] ?? 0]) },
      { what: `poll, ${title}: memory after the work`, unit: 'MB', spread: spreadOf([poll.memoryMb()]) },
    ]);
  } finally {
    for (const { poll } of contenders) await poll.end();
    await model.close();
  }
}

function start(amqpUrl: string, queues: readonly string[], changelog: boolean): Promise<Running> {
  const file = relative(process.cwd(), fileURLToPath(new URL('./sizing-handler.handler', import.meta.url)));
  const args = ['poll', '--amqp-url', amqpUrl, '--handler', `./${file}`, ...queues.flatMap((queue) => ['-q', queue])];
  const command = changelog ? [...args, '--changelog'] : args;
  return Running.command('smart-shopping', command, /queues are served/);
}
