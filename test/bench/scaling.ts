import { Child } from './child.js';
import type { Figure } from './figure.js';
import { pairedRatios, spreadOf } from './statistics.js';

const QUEUES = [1, 2, 4, 8];
const EVENTS = 200;

/** What more queues are worth to a handler that waits: queues are the unit of scaling. */
export async function measureScaling(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const workers = new Map<number, Child>();
  const rates = new Map<number, number[]>();
  try {
    for (const queues of QUEUES) {
      workers.set(queues, await Child.start('./waiting-worker.js', { amqpUrl, queues }));
      rates.set(queues, []);
    }
    for (let round = 0; round <= rounds; round++) {
      for (const [queues, worker] of workers) {
        const rate = await worker.ask<number>('work', EVENTS);
        onProgress(
          `${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}  ${queues} queues: ${rate.toFixed(1)} events/s`,
        );
        if (round > 0) rates.get(queues)?.push(rate);
      }
    }
  } finally {
    for (const worker of workers.values()) await worker.end();
  }
  const of = (queues: number): readonly number[] => rates.get(queues) ?? [];
  return [
    ...QUEUES.map((queues) => ({
      what: `20 ms per event, one after another, ${queues} queues`,
      unit: 'events/s',
      spread: spreadOf(of(queues)),
    })),
    { what: '8 queues / 1', unit: 'paired', spread: pairedRatios(of(8), of(1)), atLeast: 6 },
  ];
}
