import { type ConfirmChannel, connect } from 'amqplib';
import { Child } from './child.js';
import type { Figure } from './figure.js';
import type { GrowingOrders } from './growing-worker.js';
import type { Usage } from './parent.js';
import { spreadOf } from './statistics.js';

/** What grows: remembered keys, queues of one process, bytes of a body. */
interface Size {
  readonly keys: number;
  readonly queues: number;
  readonly bytes: number;
  /** The number of events in a round: large ones need not be many. */
  readonly events: number;
}

const USUAL: Size = { keys: 1_000, queues: 2, bytes: 200, events: 20_000 };
const SIZES: readonly (Size & { readonly title: string })[] = [
  ...[10, 1_000, 100_000].map((keys) => ({ ...USUAL, keys, title: `${keys.toLocaleString('en')} keys` })),
  ...[2, 8, 32].map((queues) => ({ ...USUAL, queues, title: `${queues} queues in one process` })),
  { ...USUAL, bytes: 200, title: 'bodies of 200 B' },
  { ...USUAL, bytes: 2_000, title: 'bodies of 2 kB' },
  { ...USUAL, bytes: 200_000, events: 1_000, title: 'bodies of 200 kB' },
];
const QUORUM = { 'x-queue-type': 'quorum' };
const UNDER_WAY_BYTES = 8 * 1024 * 1024;
const MOST_UNDER_WAY = 4_000;

interface Stand extends Size {
  readonly title: string;
  readonly worker: Child;
  readonly names: readonly string[];
  readonly done: string;
  readonly rates: number[];
  readonly micros: number[];
}

/** Events per second and CPU time per event of one process, as its load grows. */
export async function measureGrowth(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  const stands: Stand[] = [];
  try {
    for (const [index, size] of SIZES.entries()) {
      const names = Array.from({ length: size.queues }, (_, queue) => `growing.${index}.${queue}`);
      const done = `growing.${index}.done`;
      for (const queue of [...names, done]) await channel.assertQueue(queue, { arguments: QUORUM });
      const orders: GrowingOrders = { amqpUrl, queues: names, done };
      const worker = await Child.start('./growing-worker.js', orders);
      stands.push({ ...size, worker, names, done, rates: [], micros: [] });
    }
    for (let round = 0; round <= rounds; round++) {
      for (const stand of stands) {
        // All keys exist from the first round on.
        const events = round === 0 ? Math.max(stand.events, stand.keys) : stand.events;
        const { rate, micros } = await work(channel, { ...stand, events }, round);
        const name = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
        onProgress(`${name}  ${stand.title}: ${rate.toFixed(0)} events/s, ${micros.toFixed(1)} us of CPU each`);
        if (round === 0) continue;
        stand.rates.push(rate);
        stand.micros.push(micros);
      }
    }
    return stands.flatMap(({ title, rates, micros }) => [
      { what: `growth, ${title}`, unit: 'events/s', spread: spreadOf(rates) },
      { what: `growth, ${title}: CPU`, unit: 'us per event', spread: spreadOf(micros) },
    ]);
  } finally {
    for (const { worker } of stands) await worker.end();
    await model.close();
  }
}

/** Keeps some events in flight until all have come out. */
async function work(channel: ConfirmChannel, { worker, names, done, keys, bytes, events }: Stand, round: number) {
  const mostUnderWay = Math.min(MOST_UNDER_WAY, Math.ceil(UNDER_WAY_BYTES / bytes));
  const text = 'x'.repeat(bytes);
  let sent = 0;
  let left = events;
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const send = (): void => {
    const content = Buffer.from(JSON.stringify({ key: `key-${(round * events + sent) % keys}`, text }));
    channel.sendToQueue(names[sent % names.length] as string, content, {
      persistent: true,
      messageId: `${round}.${sent}`,
    });
    sent++;
  };
  const { consumerTag } = await channel.consume(
    done,
    () => {
      if (sent < events) send();
      if (--left === 0) finish();
    },
    { noAck: true },
  );
  const before = await worker.ask<Usage>('usage');
  const startedAt = performance.now();
  while (sent < Math.min(mostUnderWay, events)) send();
  await finished;
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = await worker.ask<Usage>('usage');
  await channel.cancel(consumerTag);
  return { rate: events / seconds, micros: (after.cpuMicros - before.cpuMicros) / events };
}
