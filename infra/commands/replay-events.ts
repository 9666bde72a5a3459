import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { publishRecorded } from '../../lib/rabbitmq/recording/publish-recording.js';
import type { RecordedMessage } from '../../lib/recording/recording-line.js';
import { stopSignal } from '../process/stop-signal.js';
import { openReplayFile, type ReplayFile } from '../recordings/read-recording.js';
import { type Replayed, replay } from '../recordings/replay.js';
import { loadFunction } from '../service-file/load-function.js';
import type { ServiceOptions } from '../service-file/read-service.js';
import { printable, printResult } from '../terminal/printable.js';
import { requireBroker } from './broker-address.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { commandLog } from './command-log.js';
import { endProgress, showProgress } from './progress.js';
import { serviceOptions } from './service-options.js';

interface ReplayFlags extends ServiceOptions {
  readonly function?: string;
  readonly publish?: true;
  readonly queue?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** `events replay`. */
export async function replayEvents(path: string, flags: ReplayFlags): Promise<void> {
  const { function: functionKey, publish } = flags;
  if ((functionKey === undefined) === (publish === undefined)) {
    throw new CommandError(
      'Pass --function NAME to give it to a function, or --publish and --queue NAME to put it on a queue.',
      EXIT.usage,
    );
  }
  const file = await openReplayFile(path).catch((cause: Error) => {
    throw new CommandError(cause.message, EXIT.usage, { cause });
  });
  if (functionKey === undefined) await publishFile(path, file, flags);
  else await giveTo(functionKey, file, flags);
}

async function giveTo(functionKey: string, file: ReplayFile, { json, ...flags }: ReplayFlags): Promise<void> {
  const signal = stopSignal();
  const print = keepStdout();
  const { handler, ...options } = await loadFunction(process.cwd(), functionKey, serviceOptions(flags)).catch(
    (cause: Error) => {
      throw new CommandError(cause.message, EXIT.usage, { cause });
    },
  );
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
  // Open handles of the function's module would keep this process alive.
  process.exit(different > 0 || total.failed > 0 ? EXIT.failed : EXIT.ok);
}

/** stdout is for results; a function's own output goes to stderr. */
function keepStdout(): (text: string) => void {
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return (text) => void print(printable(text));
}

function describe(number: number, { messages, error }: Replayed): string {
  const what = error === undefined ? 'a different answer than when it was recorded' : `failed: ${error}`;
  return `invocation ${number}, ${messages} messages: ${what}`;
}

async function publishFile(path: string, file: ReplayFile, { queue, amqpUrl, json }: ReplayFlags): Promise<void> {
  if (file.kind === 'event') {
    throw new CommandError(
      `${path} is one event, which no longer has all properties of its messages: only a recording can be published.`,
      EXIT.usage,
    );
  }
  // The author of the file does not choose where its messages go.
  if (queue === undefined) throw new CommandError('Pass --queue NAME, the queue to put the messages on.', EXIT.usage);
  const log = await commandLog('events', json);
  const url = await requireBroker(amqpUrl, log);
  const published = await onConnection({ amqpUrl: url, connectionName: 'events replay', log }, (connection) =>
    publishRecorded(connection, queue, recordedMessages(file), (done) => {
      if (process.stderr.isTTY) showProgress({ step: `${done} messages` });
    }),
  ).finally(endProgress);
  if (published === 0) throw new CommandError(`${path} contains no messages.`);
  printResult(
    json ? JSON.stringify({ queue, published }) : `${published} messages were put on ${queue} and confirmed.`,
  );
}

async function* recordedMessages(file: Extract<ReplayFile, { kind: 'recording' }>): AsyncGenerator<RecordedMessage> {
  for await (const line of file.lines()) {
    // A failed message came again, so it is in the file a second time.
    if (line.kind === 'invocation' && line.error === undefined) yield* line.messages;
  }
}
