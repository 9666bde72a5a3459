import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { answersAmqp } from './amqp-answer.js';
import { isListenedOn } from './free-ports.js';
import type { RunningProcess } from './node-process.js';

// epmd listens within milliseconds; a node takes 3 to 5 s to boot on two idle cores, and several times that on a busy machine.
const EPMD_PATIENCE_MS = 10_000;
const NODE_PATIENCE_MS = 120_000;
const POLL_MS = 50;
const LOG_LINES_SHOWN = 30;

/** Waits until epmd listens: a node that boots before that starts an epmd of its own, as a daemon. */
export async function untilEpmdListens(
  epmd: RunningProcess,
  port: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await until(() => isListenedOn(port), epmd, EPMD_PATIENCE_MS, signal, `epmd on port ${port}`);
}

export interface Boot {
  readonly amqpUrl: string;
  /** The node writes to it once its queues are up. */
  readonly queuesUp: string;
  readonly startupLog: string;
}

/**
 * Waits until the node has written that it is up, and accepts our login over AMQP. It does not try before that, because another
 * program may be listening on the port and would be sent the password. It does not use rabbitmqctl, because each call boots an
 * Erlang machine.
 * @returns whether the node was able to report that its queues are up
 * @throws Error with the end of the node's output if it ended or took more than two minutes
 */
export async function untilNodeAnswers(
  node: RunningProcess,
  { amqpUrl, queuesUp, startupLog: logFile }: Boot,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    let report = '';
    const isWritten = async (): Promise<boolean> => {
      report = await readFile(queuesUp, 'utf8').catch(() => '');
      return report !== '';
    };
    await until(isWritten, node, NODE_PATIENCE_MS, signal, 'RabbitMQ');
    await until(() => answersAmqp(amqpUrl), node, NODE_PATIENCE_MS, signal, 'RabbitMQ');
    return report === 'up';
  } catch (error) {
    signal?.throwIfAborted();
    const printed = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
    throw new Error(`${error instanceof Error ? error.message : error}\n${printed}\n(${logFile})`, { cause: error });
  }
}

async function until(
  condition: () => Promise<boolean>,
  running: RunningProcess,
  patienceMs: number,
  signal: AbortSignal | undefined,
  what: string,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (running.hasEnded()) throw new Error(`${what} did not start (${await running.ended}).`);
    if (Date.now() > deadline) throw new Error(`${what} did not start within ${patienceMs / 1000} s.`);
    await sleep(POLL_MS);
    signal?.throwIfAborted();
  }
}
