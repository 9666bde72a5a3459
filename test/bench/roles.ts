import { type ConfirmChannel, connect } from 'amqplib';
import { WORKER_QUEUES, workerOf } from '../../lib/shop/domain/topology.js';
import { encodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import type { Figure } from './figure.js';
import { idlePercent, Running } from './running.js';
import { spreadOf } from './statistics.js';
import { ALL_CUSTOMERS, declareBench } from './topology.js';

const CUSTOMERS = ['customer-1', 'customer-2', 'customer-3', 'customer-4', 'customer-5'];
const KILLED_QUEUE = WORKER_QUEUES[0];
const BEFORE_KILL = 500;

/** Two workers and five customers' apps, a process each: what they use while idle, and a worker killed at work. */
export async function measureRoles(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  await declareBench(amqpUrl, 'quorum');
  const roles: Running[] = [];
  try {
    for (const queue of WORKER_QUEUES) roles.push(await startWorker(amqpUrl, queue));
    for (const customer of CUSTOMERS) {
      const args = ['--customer_id', customer, '--amqp-url', amqpUrl];
      roles.push(await Running.command('run-customer-app', args, /is ready/));
    }
    const idle = await idlePercent(roles);
    onProgress(`two workers and five apps, idle: ${idle.toFixed(2)} % of a core`);
    const recovered = await measureRecovery(amqpUrl, roles, rounds, onProgress);
    // Its queue is free then.
    await roles[0]?.end();
    const started = await measureStarts(amqpUrl, rounds, onProgress);
    return [
      ...started,
      { what: 'two workers and five apps, idle', unit: '% of a core', spread: spreadOf([idle]), atMost: 1 },
      { what: 'a worker killed and started: until it answers', unit: 'ms', spread: spreadOf(recovered) },
    ];
  } finally {
    for (const role of roles) await role.end();
  }
}

function startWorker(amqpUrl: string, queue: string): Promise<Running> {
  const args = ['--id', workerOf(queue), '--queue', queue, '--amqp-url', amqpUrl];
  // A worker that follows a killed one at once may find the queue still taken.
  return Running.command('run-worker', args, /is ready|takes over/);
}

/** Milliseconds from the call of a command on a running broker until a worker is ready, and until an event is published. */
async function measureStarts(amqpUrl: string, rounds: number, onProgress: (line: string) => void): Promise<Figure[]> {
  const event = ['--event', 'pick up', '--customer_id', 'customer-1', '--amqp-url', amqpUrl];
  const starts = {
    'run_worker: until ready': () => startWorker(amqpUrl, KILLED_QUEUE),
    'produce_shopping_event: until done': async () => {
      const producing = await Running.command('produce-shopping-event', event, /^sent/);
      await producing.ended;
      return producing;
    },
  };
  const figures: Figure[] = [];
  for (const [what, start] of Object.entries(starts)) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now();
      const running = await start();
      times.push(performance.now() - startedAt);
      await running.end();
    }
    figures.push({ what, unit: 'ms', spread: spreadOf(times), atMost: 1_000 });
    onProgress(`${what}: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  }
  return figures;
}

/**
 * Milliseconds from SIGKILL to the alert for an event that was sent right after it, behind hundreds that the worker held. Node's
 * own start is part of it.
 */
async function measureRecovery(
  amqpUrl: string,
  roles: Running[],
  rounds: number,
  onProgress: (line: string) => void,
): Promise<number[]> {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  const alerts = new Map<string, () => void>();
  await channel.consume(
    ALL_CUSTOMERS,
    (message) => {
      const { timestamp } = JSON.parse(message?.content.toString() ?? '') as { timestamp?: string };
      alerts.get(timestamp ?? '')?.();
    },
    { noAck: true },
  );
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < BEFORE_KILL; index++) see(channel, timestampOf(round, index));
    await channel.waitForConfirms();
    await roles[0]?.end('SIGKILL');
    const killedAt = performance.now();
    const timestamp = timestampOf(round, BEFORE_KILL);
    const answered = new Promise<void>((resolve) => alerts.set(timestamp, resolve));
    see(channel, timestamp);
    roles[0] = await startWorker(amqpUrl, KILLED_QUEUE);
    await answered;
    times.push(performance.now() - killedAt);
    onProgress(`round ${round + 1} of ${rounds}  killed and started, answers after ${times.at(-1)?.toFixed(0)} ms`);
  }
  await model.close();
  return times;
}

function timestampOf(round: number, index: number): string {
  return new Date(Date.UTC(2026, 0, 1 + round) + index).toISOString();
}

function see(channel: ConfirmChannel, timestamp: string): void {
  const body = encodeShoppingEvent({ type: 'pick up', product: 'AX-123', timestamp });
  const options = { persistent: true, mandatory: true, messageId: timestamp, contentType: 'application/json' };
  channel.publish('', KILLED_QUEUE, Buffer.from(JSON.stringify(body)), options);
}
