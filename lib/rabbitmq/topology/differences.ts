import type { Channel } from 'amqplib';
import { onOwnChannel, replyCode } from '../connection/channel.js';
import type { Connection } from '../connection/connection.js';

/** One point in which something on the broker differs from its declaration. */
export interface Difference {
  /** The broker's name for it: `durable`, `type`, or an argument such as `x-overflow`. */
  readonly point: string;
  /** Undefined if it is not set. */
  readonly expected: unknown;
  readonly found: unknown;
  /** What the difference may cost. */
  readonly meaning: string;
}

/** The options of a declaration, as in amqplib; an exchange also has its `type` there. */
export interface Declaration {
  readonly type?: string;
  readonly durable: boolean;
  readonly autoDelete?: boolean;
  readonly exclusive?: boolean;
  readonly internal?: boolean;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

const MEANINGS: Readonly<Record<string, string>> = {
  type: 'it routes differently',
  durable: 'it does not survive a restart of the broker',
  auto_delete: 'it may vanish with its last user, along with its contents',
  exclusive: 'only one connection can use it',
  'x-queue-type': 'unlike a quorum queue it loses messages with its node, and has no delivery limit',
  'x-single-active-consumer': 'several consumers at once would split its messages between them',
  'x-delivery-limit': 'a message that kills its consumer is given up earlier or later, or never',
  'x-overflow': 'when it is full, it drops messages that it should refuse, or the other way round',
  'x-dead-letter-exchange': 'rejected messages are lost, or go elsewhere',
  'x-dead-letter-strategy': 'a dead letter may be lost on the way',
  'x-max-length': 'it is full at a different length, or grows without limit',
  'x-max-length-bytes': 'it is full at a different size, or grows without limit',
  'x-message-ttl': 'messages expire',
  'x-expires': 'it vanishes when it is unused',
};

const PRECONDITION_FAILED = 406;
/** More points than anything has: a limit in case a broker always finds another. */
const POINTS_AT_MOST = 30;

/**
 * Finds how something that exists differs from its declaration. AMQP names one difference at a time, by refusing the declaration.
 * So it is declared again with what was found, until it is accepted as it is, which changes nothing.
 * @throws Error for any refusal other than 406
 */
export async function findDifferences(
  connection: Connection,
  declaration: Declaration,
  declare: (channel: Channel, declaration: Declaration) => Promise<unknown>,
): Promise<Difference[]> {
  const differences: Difference[] = [];
  let asFound = declaration;
  while (differences.length < POINTS_AT_MOST) {
    const refusal = await refusalOf(connection, (channel) => declare(channel, asFound));
    if (refusal === undefined) break;
    const difference = readRefusal(refusal);
    differences.push(difference);
    // An unreadable difference cannot be evened out, and an argument of another type of queue is not a difference of its own.
    if (difference.point === UNREADABLE || difference.point === 'x-queue-type') break;
    asFound = adopt(asFound, difference);
  }
  return differences;
}

/** `durable is false instead of true; x-queue-type is none instead of quorum`. */
export function inWords(differences: readonly Difference[]): string {
  const shown = (value: unknown): string => (value === undefined ? 'none' : value === '' ? '""' : String(value));
  return differences
    .map(({ point, found, expected }) => `${point} is ${shown(found)} instead of ${shown(expected)}`)
    .join('; ');
}

async function refusalOf(
  connection: Connection,
  ask: (channel: Channel) => Promise<unknown>,
): Promise<string | undefined> {
  try {
    await onOwnChannel(connection, ask);
    return undefined;
  } catch (error) {
    if (replyCode(error) !== PRECONDITION_FAILED) throw error;
    return (error as Error).message;
  }
}

const UNREADABLE = 'arguments';
/** `received the value '5' of type 'short' but current is none`, or for some points only `'5'` (tried with 3.10.8). */
const VALUE = String.raw`(none|(?:the value )?'[^']*'(?: of type '\w+')?)`;
const REFUSAL = new RegExp(`inequivalent arg '([^']*)' for .*: received ${VALUE} but current is ${VALUE}`);

function readRefusal(words: string): Difference {
  const [, point, expected, found] = REFUSAL.exec(words) ?? [];
  if (point === undefined) {
    return { point: UNREADABLE, expected: undefined, found: words, meaning: 'the broker says no more' };
  }
  const meaning = MEANINGS[point] ?? 'it behaves differently';
  return { point, expected: readValue(expected), found: readValue(found), meaning };
}

function readValue(words = 'none'): unknown {
  const [, text, type] = /'([^']*)'(?: of type '(\w+)')?/.exec(words) ?? [];
  if (text === undefined || type === 'longstr') return text;
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

const OPTIONS: Readonly<Record<string, keyof Declaration>> = {
  type: 'type',
  durable: 'durable',
  auto_delete: 'autoDelete',
  exclusive: 'exclusive',
  internal: 'internal',
};

function adopt(declaration: Declaration, { point, found }: Difference): Declaration {
  const option = OPTIONS[point];
  if (option !== undefined) return { ...declaration, [option]: found };
  return { ...declaration, arguments: { ...declaration.arguments, [point]: found } };
}
