import { inspect } from 'node:util';
import pc from 'picocolors';
import type { DeadLetter, State } from '../../lib/dead-letters/ledger.js';
import { inLines, type MessagePreview } from '../../lib/dead-letters/preview.js';
import { printable } from '../terminal/printable.js';
import { drawTable } from '../terminal/table.js';

/** This much of an id is shown, and is enough to name it. */
export const SHORT_ID = 8;

const WORDS_SHOWN = 60;
const BODY_SHOWN = 4_000;
const HEX_SHOWN = 256;

const COLOURS: Readonly<Record<State, (text: string) => string>> = {
  waiting: pc.yellow,
  redriven: pc.green,
  purged: pc.dim,
  missing: pc.magenta,
};

/** The beginning of a body in one line; its length if it is not text. */
export function firstWordsOf(content: Buffer): string {
  try {
    // Its own decoder, because the last character may be cut in two.
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const text = decoder.decode(content.subarray(0, BODY_SHOWN), { stream: true }).replace(/\s+/g, ' ');
    return text.length > WORDS_SHOWN ? `${text.slice(0, WORDS_SHOWN)}...` : text;
  } catch {
    return `${content.length} bytes`;
  }
}

/** One row per dead letter. */
export function drawDeadLetters(
  letters: readonly DeadLetter[],
  summaries: ReadonlyMap<string, string>,
  width?: number,
): string {
  const rows = letters.map(({ id, state, reason, queue, at, copies, redrives }) => {
    const again = redrives ? ` (sent back ${redrives === 1 ? 'once' : `${redrives} times`} before)` : '';
    const times = copies > 1 ? ` x ${copies}` : '';
    return [
      id.slice(0, SHORT_ID),
      COLOURS[state](state) + times,
      printable(reason) + again,
      printable(summaries.get(id) ?? ''),
      printable(queue ?? ''),
      at === undefined ? '' : `${ago(Date.now() - Date.parse(at))} ago`,
    ];
  });
  const head = ['id', 'state', 'why', 'message', 'from', 'when'];
  // No line between rows, because there may be many.
  return drawTable(head, rows, { ruled: false, width });
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `17 min`. */
function ago(ms: number): string {
  const [unit, length] = UNITS.find(([, length]) => ms >= 2 * length) ?? ['s', 1_000];
  return `${Math.max(0, Math.floor(ms / length))} ${unit}`;
}

/** Everything that is known about one dead letter. */
export function drawDetails(
  letter: DeadLetter,
  found: { readonly body: Buffer; readonly properties: object } | undefined,
): string {
  const { id, state, since, by, reason, at, queue, copies, redrives, messageId, message } = letter;
  const lines = [
    ['id', id],
    [
      'state',
      COLOURS[state](state) +
        (since === undefined ? '' : ` ${since}`) +
        (by === undefined ? '' : `, by ${printable(by)}`) +
        (copies > 1 ? ` x ${copies}` : ''),
    ],
    ['why', printable(reason)],
    ['when', at ?? 'not known'],
    ['from', printable(queue ?? 'not known')],
    ['message id', messageId === undefined ? 'none' : printable(messageId)],
    ['sent back', `${redrives ?? 0} times before`],
  ].map(([name = '', value = '']) => `${pc.bold(name.padEnd(10))}  ${value}`);
  if (found === undefined) return [...lines, '', ...drawPreview(message)].join('\n');
  const { body, properties } = found;
  return [
    ...lines,
    '',
    pc.bold('properties'),
    printable(inspect(given(properties), { depth: 6, breakLength: 100, maxArrayLength: 20, maxStringLength: 400 })),
    '',
    pc.bold(`body, ${body.length} bytes`),
    drawBody(body),
  ].join('\n');
}

/** What the log keeps of a dead letter that is no longer in the queue. */
function drawPreview(message: MessagePreview | undefined): string[] {
  if (message === undefined) return ['Its body is no longer in the queue.'];
  const { body, bodyBytes, properties } = message;
  return [
    pc.bold('properties, as kept in the log'),
    ...properties.map(({ name, value }) => printable(`${name}: ${value}`)),
    '',
    pc.bold(`body, ${bodyBytes} bytes; its beginning, as kept in the log`),
    printable(inLines(body)),
  ];
}

function given(properties: object): object {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text as it is, JSON formatted, bytes that are not UTF-8 in hexadecimal. */
function drawBody(body: Buffer): string {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    const hex = body
      .subarray(0, HEX_SHOWN)
      .toString('hex')
      .replace(/../g, '$& ')
      .replace(/(.{48})/g, '$1\n')
      .trimEnd();
    return `${pc.dim('not UTF-8; in hexadecimal:')}\n${hex}${more(body.length - HEX_SHOWN, 'bytes')}`;
  }
  const shown = printable(inLines(text));
  return shown.slice(0, BODY_SHOWN) + more(shown.length - BODY_SHOWN, 'characters');
}

function more(count: number, unit: string): string {
  return count > 0 ? pc.dim(`\n... and ${count} ${unit} more; --json has all`) : '';
}
