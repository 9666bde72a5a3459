import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { exists } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import type { Log } from '../../lib/rabbitmq/log.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { dropDeleted } from '../../lib/rabbitmq/rescale/enter.js';
import { planRescale, type RescalePlan, requestRescale } from '../../lib/rabbitmq/rescale/request.js';
import { RescaleLog } from '../../lib/rabbitmq/rescale/rescale-log.js';
import { rescaleStreamOf } from '../../lib/rabbitmq/rescale/rescale-reader.js';
import { isAtRest, waitedFor } from '../../lib/rabbitmq/rescale/rescale-state.js';
import { callRoll } from '../../lib/rabbitmq/rescale/roll-call.js';
import { sameRing } from '../../lib/rabbitmq/ring/ring.js';
import { stopSignal } from '../process/stop-signal.js';
import { printResult } from '../terminal/printable.js';
import { drawTable } from '../terminal/table.js';
import { AMQP_URL_OPTION } from './amqp-url-option.js';
import { requireBroker } from './broker-address.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { commandLog } from './command-log.js';

interface Flags {
  readonly exchange: string;
  readonly yes?: true;
  readonly wait?: true;
  readonly amqpUrl?: string;
  readonly json?: true;
}

const CONFIRM_TIMEOUT_MS = 10_000;
const BACKOFF = { firstMs: 100, maxMs: 2_000 };

/** `rescale <queues...>`: sets which queues share an exchange's keys. */
export function rescaleCommand(defaultExchange: string): Command {
  return new Command('rescale')
    .argument('<queues...>', 'all queues that will share the keys, separated by spaces')
    .option('--exchange <name>', 'the consistent-hash exchange', defaultExchange)
    .option('--yes', 'do not ask for confirmation')
    .option('--wait', 'begin even if a queue has no worker yet, and wait for it')
    .option(...AMQP_URL_OPTION)
    .option('--json', 'print one JSON line for the plan, and one whenever a queue has handed over or taken over')
    .action(rescale);
}

async function rescale(queues: readonly string[], flags: Flags): Promise<void> {
  const { exchange, amqpUrl, json } = flags;
  const twice = queues.find((queue, index) => queues.indexOf(queue) !== index);
  if (twice !== undefined) throw new CommandError(`${twice} is given twice.`, EXIT.usage);
  const signal = stopSignal();
  const log = await commandLog('rescale', json);
  const url = await requireBroker(amqpUrl, log, { streamsFor: 'the records of a rescale' });
  await onConnection({ amqpUrl: url, connectionName: 'rescale', log, signal }, async (connection) => {
    const records = await openRecords(connection, exchange, { log, signal });
    await waitForRest(records, queues, signal);
    await dropDeleted({ connection, records });
    const plan = planRescale(records.state.ring, queues);
    if (plan.steps.length > 0) await begin(connection, records, plan, { ...flags, log, signal });
    await watch(records, flags.json, signal);
    const { ring, moved } = records.state;
    const shares = ring.map(({ queue }) => queue);
    if (json) printResult(JSON.stringify({ finished: true, queues: shares, entries: moved }));
    else printResult(`${shares.join(', ')} share the keys of ${exchange}. ${moved} entries have moved.`);
  });
}

interface Running {
  readonly log: Log;
  readonly signal: AbortSignal;
}

async function openRecords(connection: Connection, exchange: string, { log, signal }: Running): Promise<RescaleLog> {
  const stream = rescaleStreamOf(exchange);
  if (!(await exists(connection, (channel) => channel.checkQueue(stream)))) {
    throw new CommandError(`No queue of ${exchange} can be rescaled: there is no ${stream}.`);
  }
  const publisher = await Publisher.open(connection, CONFIRM_TIMEOUT_MS);
  return RescaleLog.open(connection, exchange, { publisher, backoff: BACKOFF, log, onStep: () => undefined, signal });
}

/** Another rescale ends first, unless it is the requested one, which then continues where it stopped. */
async function waitForRest(records: RescaleLog, queues: readonly string[], signal: AbortSignal): Promise<void> {
  if (isAtRest(records.state)) return;
  const { goal } = records.state;
  const isWanted = sameRing(planRescale(goal, queues).goal, goal);
  notice(
    isWanted ? 'This rescale had already begun, and goes on.' : 'Another rescale is under way, and will end first.',
  );
  if (!isWanted) await watch(records, undefined, signal);
}

async function begin(
  connection: Connection,
  records: RescaleLog,
  plan: RescalePlan,
  { yes, wait, json, log, signal }: Flags & Running,
): Promise<void> {
  const served = [...new Set([...plan.from, ...plan.goal].map(({ queue }) => queue))];
  const roll = await callRoll({ connection, records, log, signal }, served);
  const foreign = served.filter((queue) => roll.get(queue)?.served === 'foreign');
  const unserved = served.filter((queue) => roll.get(queue)?.served === 'nobody');
  if (foreign.length > 0) {
    throw new CommandError(`${foreign.join(', ')}: served by a program that does not rescale, or does not answer.`);
  }
  if (unserved.length > 0 && !wait) {
    throw new CommandError(`${unserved.join(', ')}: no worker. Start one, or pass --wait.`);
  }
  const rows = served.map((queue) => ({
    queue,
    weight: weightIn(plan.from, queue),
    weightAfter: weightIn(plan.goal, queue),
    entries: roll.get(queue)?.entries ?? null,
  }));
  if (json) printResult(JSON.stringify({ plan: rows, keysMoved: plan.moved, steps: plan.steps.length }));
  else {
    const table = rows.map(({ queue, weight, weightAfter, entries }) => [
      queue,
      String(weight),
      String(weightAfter),
      entries === null ? 'not known yet' : String(entries),
    ]);
    notice(drawTable(['queue', 'weight', 'from now on', 'entries'], table, { ruled: false }));
    const steps = plan.steps.length === 1 ? 'one step' : `${plan.steps.length} steps`;
    notice(`${Math.round(plan.moved * 100)} % of the keys move to another queue, in ${steps}.`);
  }
  if (!yes) await confirm();
  if (!(await requestRescale(records, plan)))
    throw new CommandError('The ring has changed in the meantime. Start again.');
}

function weightIn(ring: RescalePlan['from'], queue: string): number {
  return ring.find((share) => share.queue === queue)?.weight ?? 0;
}

async function confirm(): Promise<void> {
  if (!process.stdin.isTTY) throw new CommandError('Pass --yes to begin.', EXIT.usage);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question('Begin? [y/N] ');
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandError('Nothing was changed.');
}

/**
 * Reports what each queue has done until nothing is under way. @throws CommandError that names the queues it waits for, when it
 * is stopped
 */
async function watch(records: RescaleLog, json: true | undefined, signal: AbortSignal): Promise<void> {
  const stopListening = records.listen((record) => {
    if (record.kind !== 'gave' && record.kind !== 'took') return;
    if (json) printResult(JSON.stringify(record));
    else if (record.kind === 'took') notice(`${record.queue} has taken over ${record.entries} entries`);
    else {
      const entries = Object.values(record.entries).reduce((sum, some) => sum + some, 0);
      notice(`${record.queue} has handed over ${entries} entries`);
    }
  });
  try {
    await records.until(() => isAtRest(records.state), signal);
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new CommandError(
      `Not finished: still waiting for ${waitedFor(records.state).join(', ')}. Run the command again to watch.`,
      EXIT.failed,
      {
        cause,
      },
    );
  } finally {
    stopListening();
  }
}
