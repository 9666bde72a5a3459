import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import type { DeadLetter, State } from '../../lib/dead-letters/ledger.js';
import { replyCode } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { type DeadLetterPlaces, listDeadLetters } from '../../lib/rabbitmq/dead-letters/list.js';
import { messagesOf, removeLetters } from '../../lib/rabbitmq/dead-letters/remove-letters.js';
import type { TakenOut } from '../../lib/rabbitmq/dead-letters/take-out.js';
import { stopSignal } from '../process/stop-signal.js';
import { printResult } from '../terminal/printable.js';
import { AMQP_URL_OPTION } from './amqp-url-option.js';
import { requireBroker } from './broker-address.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { commandLog } from './command-log.js';
import { drawDeadLetters, drawDetails, firstWordsOf, SHORT_ID } from './dead-letters-table.js';
import { positiveNumber } from './numbers.js';
import { endProgress, showCount, showProgress } from './progress.js';
import { whoAsks } from './who-asks.js';

interface Flags {
  readonly queue?: string;
  readonly log?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** Where a program's own dead letters are, and what it says about them. */
export interface DeadLetterDefaults {
  readonly queue: string;
  readonly log: string;
  /** What a message is about, in a few words. */
  readonly summaryOf: (content: Buffer) => string;
  /** What to do if the queue is missing. */
  readonly missingAdvice: string;
}

type Letters = readonly DeadLetter[];
const MOST_PER_SECOND = 1_000_000;
const LISTED = 100;

/** `dead-letters list`, `show`, `redrive` and `purge`, for the queue that `defaults` names or any other. */
export function deadLettersCommand(defaults: DeadLetterDefaults): Command {
  const command = new Command('dead-letters');
  const subcommand = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option('-q, --queue <name>', 'the queue that holds them', defaults.queue)
      .option(
        '--log <name>',
        `the stream with the reasons, "deadLetterLog"; default: ${defaults.log} for ${defaults.queue}, else none`,
      )
      .option(...AMQP_URL_OPTION)
      .option('--json', 'print the result as JSON');
  subcommand('list', 'List dead letters, the newest last; changes nothing.')
    .option('--all', 'include what was redriven or purged, as far back as the log goes')
    .option('--limit <number>', 'at most this many, the newest ones', positiveNumber(), LISTED)
    .action((flags) => list(withDefaults(flags, defaults)));
  subcommand('show', 'Show one dead letter: body, properties, and why it was rejected.')
    .argument('<id>', 'its id, or the beginning of it')
    .action((id, flags) => show(id, withDefaults(flags, defaults)));
  subcommand('redrive', 'Send dead letters back to where they came from.')
    .argument('[id...]', 'their ids, or the beginnings of them')
    .option('--all', 'every waiting dead letter')
    .option('--rate <number>', 'at most this many per second', positiveNumber(MOST_PER_SECOND))
    .action((ids, flags) => redriveLetters(ids, withDefaults(flags, defaults)));
  subcommand('purge', 'Delete dead letters for good; asks first.')
    .argument('[id...]', 'their ids, or the beginnings of them')
    .option('--all', 'every waiting dead letter')
    .option('--yes', 'do not ask for confirmation')
    .action((ids, flags) => purgeLetters(ids, withDefaults(flags, defaults)));
  return command;
}

/** What was requested, and where. */
type Asked<Given extends Flags> = Given &
  Pick<DeadLetterDefaults, 'summaryOf' | 'missingAdvice'> & { readonly places: DeadLetterPlaces };

/** The defaults apply to their own queue only. */
function withDefaults<Given extends Flags>(flags: Given, defaults: DeadLetterDefaults): Asked<Given> {
  const { queue = defaults.queue, log } = flags;
  if (queue === defaults.queue) return { ...defaults, ...flags, places: { queue, log: log ?? defaults.log } };
  return { ...flags, places: { queue, log }, summaryOf: firstWordsOf, missingAdvice: '--queue names another.' };
}

interface ListFlags extends Flags {
  readonly all?: true;
  readonly limit: number;
}

async function list(asked: Asked<ListFlags>): Promise<void> {
  const { json, all, limit, summaryOf } = asked;
  await withBroker(asked, async (connection, signal) => {
    const summaries = new Map<string, string>();
    const letters = await listed(connection, asked, signal, (id, { content }) => summaries.set(id, summaryOf(content)));
    const open = letters.filter(({ state }) => all || state === 'waiting' || state === 'missing');
    for (const { id, message } of open) {
      if (message !== undefined && !summaries.has(id)) summaries.set(id, summaryOf(Buffer.from(message.body)));
    }
    if (json) {
      const told = open.map((letter) => ({ ...letter, event: summaries.get(letter.id) }));
      printResult(JSON.stringify(told));
      return;
    }
    if (open.length > 0) printResult(drawDeadLetters(open.slice(-limit), summaries));
    if (open.length > limit) notice(`Showing the newest ${limit} of ${open.length}; --limit shows more.`);
    for (const line of totals(all ? letters : open)) notice(line);
  });
}

const IN_FULL: Partial<Record<State, string>> = {
  missing: 'missing from the queue: another consumer took them, or the broker does not dead-letter',
};

/** The number of dead letters by state and reason. */
function totals(letters: Letters): string[] {
  const counts = new Map<string, number>();
  for (const { state, reason, copies } of letters) {
    const key = state === 'waiting' ? `waiting: ${reason}` : (IN_FULL[state] ?? state);
    counts.set(key, (counts.get(key) ?? 0) + Math.max(1, copies));
  }
  return counts.size === 0 ? ['No dead letters.'] : [...counts].map(([key, count]) => `${count} ${key}`);
}

async function show(beginning: string, asked: Asked<Flags>): Promise<void> {
  await withBroker(asked, async (connection, signal) => {
    let body: Buffer | undefined;
    let properties: object | undefined;
    const letters = await listed(connection, asked, signal, (id, message) => {
      if (!id.startsWith(beginning)) return;
      body = message.content;
      properties = message.properties;
    });
    const letter = theOnly(letters, beginning);
    const found = letter.state === 'waiting' && body !== undefined ? { body, properties: properties ?? {} } : undefined;
    const asJson = { ...letter, properties: found?.properties, bodyBase64: found?.body.toString('base64') };
    printResult(asked.json ? JSON.stringify(asJson) : drawDetails(letter, found));
  });
}

interface TakeOutFlags extends Flags {
  readonly all?: true;
}

async function redriveLetters(ids: string[], asked: Asked<TakeOutFlags & { readonly rate?: number }>): Promise<void> {
  mustChoose(ids, asked);
  await withBroker(asked, async (connection, signal) => {
    const chosen = choose(await listed(connection, asked, signal), ids);
    const result = await withProgress('sent back', chosen, (onProgress) =>
      removeLetters(connection, 'redrive', chosen, {
        ...asked.places,
        by: whoAsks('dead-letters'),
        signal,
        onProgress,
        rate: asked.rate,
      }),
    );
    report('redriven', chosen, result, { ...asked, stopped: signal.aborted });
  });
}

async function purgeLetters(ids: string[], asked: Asked<TakeOutFlags & { readonly yes?: true }>): Promise<void> {
  mustChoose(ids, asked);
  if (!asked.yes && !process.stdin.isTTY) {
    throw new CommandError('purge asks for confirmation, but there is no terminal: pass --yes.', EXIT.usage);
  }
  await withBroker(asked, async (connection, signal) => {
    const chosen = choose(await listed(connection, asked, signal), ids);
    if (chosen.length > 0 && !asked.yes && !(await agreed(chosen, signal)))
      throw new CommandError('Nothing was purged.');
    const result = await withProgress('purged', chosen, (onProgress) =>
      removeLetters(connection, 'purge', chosen, { ...asked.places, by: whoAsks('dead-letters'), signal, onProgress }),
    );
    report('purged', chosen, result, { ...asked, stopped: signal.aborted });
  });
}

async function agreed(chosen: Letters, signal: AbortSignal): Promise<boolean> {
  for (const line of totals(chosen)) notice(line);
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question('Delete them for good? [y/N] ', { signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    prompt.close();
  }
}

function mustChoose(ids: readonly string[], { all }: TakeOutFlags): void {
  if (ids.length > 0 === (all === true)) throw new CommandError('Name their ids, or pass --all.', EXIT.usage);
}

/** The waiting ones that were selected; no ids select all. */
function choose(letters: Letters, ids: readonly string[]): Letters {
  if (ids.length === 0) return letters.filter(({ state }) => state === 'waiting');
  return ids.map((beginning) => {
    const letter = theOnly(letters, beginning);
    if (letter.state === 'waiting') return letter;
    throw new CommandError(`${letter.id.slice(0, SHORT_ID)} is ${letter.state}: it is no longer in the queue.`);
  });
}

function theOnly(letters: Letters, beginning: string): DeadLetter {
  const [letter, other] = letters.filter(({ id }) => id.startsWith(beginning.toLowerCase()));
  if (letter === undefined) {
    throw new CommandError(`No dead letter ${beginning}: \`dead-letters list --all\` lists them.`);
  }
  if (other !== undefined) throw new CommandError(`More than one dead letter begins with ${beginning}.`, EXIT.usage);
  return letter;
}

async function withProgress(
  what: string,
  chosen: Letters,
  work: (onProgress: (done: number) => void) => Promise<TakenOut>,
): Promise<TakenOut> {
  try {
    return await work(showCount(`dead letters ${what}`, messagesOf(chosen)));
  } finally {
    endProgress();
  }
}

/** @throws CommandError if not everything was done */
function report(
  verb: string,
  chosen: Letters,
  { done, left }: TakenOut,
  { json, stopped }: Flags & { readonly stopped: boolean },
): void {
  const notReached = Math.max(0, messagesOf(chosen) - done - left.length);
  if (json) printResult(JSON.stringify({ [verb]: done, left, notReached }));
  else printResult(`${done} ${verb}`);
  const problems = new Map<string, string[]>();
  for (const { id, problem } of left) problems.set(problem, [...(problems.get(problem) ?? []), id.slice(0, SHORT_ID)]);
  for (const [problem, ids] of problems) {
    notice(`${ids.length} stay, ${problem}: ${ids.slice(0, 5).join(' ')}${ids.length > 5 ? ' ...' : ''}`);
  }
  if (left.length + notReached === 0) return;
  if (stopped)
    throw new CommandError(`Stopped: ${notReached + left.length} still wait. Run the same command to continue.`);
  if (left.length === 0) throw new CommandError(`${notReached} were taken by another consumer in the meantime.`);
  throw new CommandError(
    `${left.length} stay in the queue. When the cause is fixed, run the same command to continue.`,
  );
}

async function listed(
  connection: Connection,
  { places, missingAdvice }: Asked<Flags>,
  signal: AbortSignal,
  onMessage?: Parameters<typeof listDeadLetters>[1]['onMessage'],
): Promise<Letters> {
  const { queue } = places;
  try {
    const { letters, shared } = await listDeadLetters(connection, {
      ...places,
      signal,
      onProgress: (done, total) => showProgress({ step: 'reading dead letters', done, total }),
      ...(onMessage !== undefined && { onMessage }),
    });
    if (signal.aborted) throw new CommandError('Stopped; nothing was changed.');
    if (shared) notice(`Another consumer listens to ${queue}: the messages that it holds cannot be seen.`);
    return letters;
  } catch (error) {
    if (replyCode(error) !== 404) throw error;
    throw new CommandError(`There is no ${queue} here: ${missingAdvice}`);
  } finally {
    endProgress();
  }
}

async function withBroker(
  { amqpUrl, json }: Flags,
  work: (connection: Connection, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = stopSignal();
  const log = await commandLog('dead-letters', json);
  const url = await requireBroker(amqpUrl, log);
  await onConnection({ amqpUrl: url, connectionName: 'dead-letters', log }, (connection) => work(connection, signal));
}
