import type { ConsumeMessage } from 'amqplib';
import { deathOf } from '../../dead-letters/death.js';
import { redriven } from '../../dead-letters/redriven.js';
import { pause } from '../../waiting/backoff.js';
import { wireOf } from '../../wire/kept.js';
import { ChannelGoneError } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import { Exchanges } from '../publishing/exchanges.js';
import type { PublishFailure } from '../publishing/publish-error.js';
import { Publisher } from '../publishing/publisher.js';
import type { Letter } from './mark.js';
import { redrivenProperties } from './redriven-properties.js';
import { type LeftAlone, type TakenOut, type TakeOutOptions, takeOut } from './take-out.js';

export interface RedriveOptions extends TakeOutOptions {
  /** The maximum number of messages per second. */
  readonly rate?: number | undefined;
}

const AT_ONCE = 256;
/** With a rate, this many small batches per second, so that an abort does not wait long. */
const BATCHES_PER_SECOND = 4;
const CONFIRM_TIMEOUT_MS = 30_000;

const PROBLEMS: Readonly<Record<Exclude<PublishFailure, 'channel gone'>, string>> = {
  returned: 'no queue is bound there any more',
  nacked: 'its queue refuses it: is it full?',
  'timed out': 'the broker did not confirm it',
};

/**
 * Sends dead letters back to where they came from, in order. Each is confirmed by the broker, then marked in the log, and only
 * then leaves the queue: a command that is killed in between and run again sends it again, under the same id.
 * @throws ChannelGoneError
 */
export async function redrive(connection: Connection, redriving: RedriveOptions): Promise<TakenOut> {
  const { rate, signal } = redriving;
  const publisher = await Publisher.open(connection, CONFIRM_TIMEOUT_MS);
  const exchanges = new Exchanges(connection);
  const atOnce = rate === undefined ? AT_ONCE : Math.min(AT_ONCE, Math.max(1, Math.ceil(rate / BATCHES_PER_SECOND)));
  try {
    return await takeOut(connection, redriving, {
      kind: 'redriven',
      publisher,
      atOnce,
      pace: pacedAt(rate, signal),
      act: (letters) => sendBack(letters, { publisher, exchanges, mostBytes: connection.mostPropertyBytes }),
    });
  } finally {
    await publisher.close();
  }
}

/** Waits until this many more messages are within the rate. */
function pacedAt(rate: number | undefined, signal: AbortSignal): (count: number) => Promise<void> {
  const startedAt = performance.now();
  let before = 0;
  return async (count) => {
    const dueMs = rate === undefined ? 0 : (before / rate) * 1000 - (performance.now() - startedAt);
    before += count;
    if (dueMs > 0) await pause(dueMs, signal);
  };
}

interface SendBackContext {
  readonly publisher: Publisher;
  readonly exchanges: Exchanges;
  /** Of properties. */
  readonly mostBytes: number;
}

async function sendBack(
  letters: readonly Letter[],
  { publisher, exchanges, mostBytes }: SendBackContext,
): Promise<readonly LeftAlone[]> {
  const left: LeftAlone[] = [];
  const ids = new Map<EncodedMessage, string>();
  for (const { id, message } of letters) {
    const back = encodeRedriven(id, message);
    if (back === undefined) left.push({ id, problem: 'nothing says where it came from' });
    else if ((back.wire?.length ?? 0) > mostBytes)
      left.push({ id, problem: 'its headers are larger than the broker accepts' });
    else if (await exchanges.has(back.exchange)) ids.set(back, id);
    else left.push({ id, problem: `there is no exchange ${JSON.stringify(back.exchange)} any more` });
  }
  for (const error of await publisher.publishAll([...ids.keys()])) {
    if (error.failure === 'channel gone') throw new ChannelGoneError(error.message, { cause: error });
    left.push({ id: ids.get(error.sent) ?? '', problem: PROBLEMS[error.failure] });
  }
  return left;
}

/** Byte for byte as it came. A message without an id gets one: the id of this death. */
function encodeRedriven(id: string, { content, properties }: ConsumeMessage): EncodedMessage | undefined {
  const back = redriven(properties.headers);
  const wire = wireOf(properties);
  if (back === undefined || wire === undefined) return undefined;
  const { exchange, routingKey, redrives } = back;
  const ownId = `redrive-${id}-${deathOf(properties.headers)?.seconds ?? 0}`;
  return {
    exchange,
    routingKey,
    content,
    messageId: properties.messageId || ownId,
    mustRoute: true,
    properties: {},
    wire: redrivenProperties(wire, redrives, ownId),
  };
}
