import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { adapterLog, createLogger } from '../../lib/lambda/logger.js';
import { onConnection } from '../../lib/rabbitmq/connection/connection.js';
import { publishRecorded } from '../../lib/rabbitmq/recording/publish-recording.js';
import { NobodyServesError, record } from '../../lib/rabbitmq/recording/record.js';
import type { RecordedMessage } from '../../lib/recording/recording.js';
import { openReplayFile, type ReplayFile } from '../recordings/read-recording.js';
import { type Replayed, replay } from '../recordings/replay.js';
import { sampleEvent } from '../recordings/sample-event.js';
import { loadFunction } from '../service-file/load-function.js';
import { requireBroker } from './broker-address.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { positiveNumber } from './numbers.js';
import { endProgress, showProgress } from './progress.js';
import { stopSignal } from './stop-signal.js';

const BROKER = ['--amqp-url <url>', 'the broker; else AMQP_URL, else the private one that runs here'] as const;

/** `events`: what functions get from RabbitMQ, recorded, given again, and made up. */
export function eventsCommand(): Command {
  return new Command('events')
    .description('Records what a function gets, gives it again, and makes up events.')
    .addCommand(
      new Command('record')
        .description(
          'Copies what the function of a queue gets and answers into a file, until Ctrl-C. Takes nothing away.',
        )
        .argument('<queue>', 'such as worker01_queue')
        .requiredOption('-o, --out <file>', 'a new file')
        .option('-n, --count <number>', 'ends by itself after so many messages', positiveNumber())
        .option(...BROKER)
        .option('--json', 'the result as one JSON line')
        .action(recordEvents),
    )
    .addCommand(
      new Command('replay')
        .description('Gives a recording, or one event, to a function of serverless.yml; nothing is published.')
        .argument('<file>', 'of `events record` or `events generate`')
        .option('-f, --function <name>', 'as serverless.yml calls it')
        .option('--publish', 'puts the recorded messages on the queue instead, for whoever serves it')
        .option('-q, --queue <name>', 'another queue to publish to')
        .option(...BROKER)
        .option('--json', 'one JSON line per invocation, with what the function answered')
        .action(replayEvents),
    )
    .addCommand(
      new Command('generate')
        .description('Prints an event as a function gets it from RabbitMQ.')
        .option('-q, --queue <name>', 'the queue it is from', 'orders')
        .option('--vhost <name>', 'its virtual host', '/')
        .option('-b, --body <text...>', 'one message each; else one small JSON object')
        .option('--body-file <file>', 'one message with the bytes of a file')
        .option('-H, --header <name=value...>', 'a header; numbers, true and false are no text')
        .option('--content-type <type>', 'what the body is', 'application/json')
        .option('--message-id <id>', 'of several messages, with a number behind it')
        .option('--type <text>')
        .option('--app-id <text>')
        .option('--correlation-id <text>')
        .option('--reply-to <queue>')
        .option('--expiration <ms>', 'as text, as AMQP has it')
        .option('--priority <number>', '0 to 255', positiveNumber(255))
        .option('--timestamp <seconds>', 'since 1970', positiveNumber())
        .action(generate),
    );
}

interface RecordFlags {
  readonly out: string;
  readonly count?: number;
  readonly amqpUrl?: string;
  readonly json?: true;
}

async function recordEvents(queue: string, { out, count, amqpUrl, json }: RecordFlags): Promise<void> {
  const stop = stopSignal();
  const log = adapterLog(createLogger('events'));
  const url = await requireBroker(amqpUrl, log);
  // What a queue carries is not for everybody.
  const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
  await once(file, 'open').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EEXIST' ? `${out} is there already: name a new file.` : cause.message;
    throw new CommandError(why, EXIT.usage, { cause });
  });
  const enough = new AbortController();
  const result = { queue, file: out, invocations: 0, messages: 0, invocations_left_off: 0 };
  try {
    await onConnection({ amqpUrl: url, connectionName: 'events record', log }, (connection) =>
      record(connection, {
        queue,
        signal: AbortSignal.any([stop, enough.signal]),
        onHeard: () => notice(`Recording what ${queue} brings. Ctrl-C ends it.`),
        onLine: (text, line) => {
          if (count !== undefined && result.messages >= count) return;
          file.write(`${text}\n`);
          if (line.kind === 'gap') result.invocations_left_off += line.invocations;
          if (line.kind === 'begin' && line.entriesLeftOff !== undefined) {
            notice(`Its memory of ${line.entriesLeftOff} entries is too large to record: a replay begins with none.`);
          }
          if (line.kind !== 'invocation') return;
          result.invocations++;
          result.messages += line.messages.length;
          if (process.stderr.isTTY) showProgress({ step: `${result.messages} messages` });
          if (count !== undefined && result.messages >= count) enough.abort();
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof NobodyServesError)) throw error;
    throw new CommandError(`Nobody serves ${queue}: start its worker, or \`serverless offline\`.`, EXIT.failed, {
      cause: error,
    });
  } finally {
    endProgress();
    file.end();
    await once(file, 'close');
    if (file.bytesWritten === 0) await rm(out);
  }
  if (result.invocations_left_off > 0) notice(`${result.invocations_left_off} invocations could not be copied.`);
  const { messages, invocations } = result;
  process.stdout.write(
    `${json ? JSON.stringify(result) : `${messages} messages in ${invocations} invocations: ${out}`}\n`,
  );
}

interface ReplayFlags {
  readonly function?: string;
  readonly publish?: true;
  readonly queue?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

async function replayEvents(path: string, flags: ReplayFlags): Promise<void> {
  const { function: functionKey, publish } = flags;
  if ((functionKey === undefined) === (publish === undefined)) {
    throw new CommandError(
      'Say --function NAME to give it to a function, or --publish to put it on its queue.',
      EXIT.usage,
    );
  }
  const file = await openReplayFile(path).catch((cause: Error) => {
    throw new CommandError(cause.message, EXIT.usage, { cause });
  });
  if (functionKey === undefined) await publishFile(path, file, flags);
  else await giveTo(functionKey, file, flags);
}

async function giveTo(functionKey: string, file: ReplayFile, { json }: ReplayFlags): Promise<void> {
  const signal = stopSignal();
  const print = keepStdout();
  const { handler, ...options } = await loadFunction(process.cwd(), functionKey);
  const total = { invocations: 0, messages: 0, failed: 0, rejected: 0, outgoing: 0, handlerMs: 0 };
  let different = 0;
  let isCompared = false;
  for await (const replayed of replay(file, { handler, signal, ...options })) {
    const { messages, handlerMs, answer, error, same } = replayed;
    total.invocations++;
    total.messages += messages;
    total.handlerMs += handlerMs;
    if (error !== undefined) total.failed++;
    total.rejected += answer?.batchItemFailures.length ?? 0;
    total.outgoing += answer?.outgoing.length ?? 0;
    if (same !== undefined) isCompared = true;
    if (same === false) different++;
    if (json) print(`${JSON.stringify(replayed)}\n`);
    else if (same === false || error !== undefined) notice(describe(total.invocations, replayed));
    else if (process.stderr.isTTY) showProgress({ step: `${total.messages} messages` });
  }
  endProgress();
  if (!json) {
    const { invocations, messages, failed, rejected, outgoing, handlerMs } = total;
    const compared = isCompared ? `; ${invocations - different} answers as recorded, ${different} not` : '';
    print(
      `${messages} messages in ${invocations} invocations, ${Math.round(handlerMs)} ms in the function: ` +
        `${outgoing} to send, ${rejected} refused, ${failed} failed${compared}. Nothing was published.\n`,
    );
  }
  if (different > 0 || total.failed > 0) process.exitCode = EXIT.failed;
}

/** Results are for stdout; what a function writes there goes to stderr. */
function keepStdout(): (text: string) => void {
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return (text) => void print(text);
}

function describe(number: number, { messages, error }: Replayed): string {
  const what = error === undefined ? 'another answer than when it was recorded' : `failed: ${error}`;
  return `invocation ${number}, ${messages} messages: ${what}`;
}

async function publishFile(path: string, file: ReplayFile, { queue, amqpUrl, json }: ReplayFlags): Promise<void> {
  if (file.kind === 'event') {
    throw new CommandError(
      `${path} is one event, which has lost what its messages were: only a recording can be published.`,
      EXIT.usage,
    );
  }
  const log = adapterLog(createLogger('events'));
  const url = await requireBroker(amqpUrl, log);
  const messages = recordedMessages(file);
  const first = await messages.next();
  if (first.done) throw new CommandError(`${path} holds no message.`);
  const target = queue ?? first.value.queue;
  async function* all(): AsyncIterable<RecordedMessage> {
    if (!first.done) yield first.value.message;
    for await (const { message } of messages) yield message;
  }
  const published = await onConnection({ amqpUrl: url, connectionName: 'events replay', log }, (connection) =>
    publishRecorded(connection, target, all(), (done) => {
      if (process.stderr.isTTY) showProgress({ step: `${done} messages` });
    }),
  ).finally(endProgress);
  process.stdout.write(
    json ? `${JSON.stringify({ queue: target, published })}\n` : `${published} messages are on ${target}, confirmed.\n`,
  );
}

async function* recordedMessages(
  file: Extract<ReplayFile, { kind: 'recording' }>,
): AsyncGenerator<{ readonly queue: string; readonly message: RecordedMessage }> {
  let queue = '';
  for await (const line of file.lines()) {
    if (line.kind === 'begin') queue = line.queue;
    if (line.kind === 'invocation') for (const message of line.messages) yield { queue, message };
  }
}

interface GenerateFlags {
  readonly queue: string;
  readonly vhost: string;
  readonly body?: readonly string[];
  readonly bodyFile?: string;
  readonly header?: readonly string[];
  readonly contentType: string;
  readonly messageId?: string;
  readonly type?: string;
  readonly appId?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly expiration?: string;
  readonly priority?: number;
  readonly timestamp?: number;
}

const SAMPLE_BODY = JSON.stringify({ hello: 'world' });

async function generate({ body, bodyFile, header = [], ...properties }: GenerateFlags): Promise<void> {
  if (body !== undefined && bodyFile !== undefined) throw new CommandError('Say --body or --body-file.', EXIT.usage);
  const texts = body ?? [SAMPLE_BODY];
  const bodies =
    bodyFile === undefined
      ? texts.map((text) => Buffer.from(text))
      : [
          await readFile(bodyFile).catch((cause: Error) => {
            throw new CommandError(cause.message, EXIT.usage, { cause });
          }),
        ];
  const event = sampleEvent({ ...properties, bodies, headers: Object.fromEntries(header.map(headerOf)) });
  process.stdout.write(`${JSON.stringify(event, null, 2)}\n`);
}

function headerOf(text: string): readonly [string, string | number | boolean] {
  const [, name, value] = text.match(/^([^=]+)=(.*)$/s) ?? [];
  if (name === undefined || value === undefined) {
    throw new CommandError(`--header ${text}: it is name=value.`, EXIT.usage);
  }
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}
