import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { readLatest } from '../../lib/rabbitmq/recording/read-latest.js';
import { NotRecordedError, record } from '../../lib/rabbitmq/recording/record.js';
import type { RecordingLine } from '../../lib/recording/recording-line.js';
import { stopSignal } from '../process/stop-signal.js';
import { printResult } from '../terminal/printable.js';
import { requireBroker } from './broker-address.js';
import { CommandError, EXIT, notice } from './command-line.js';
import { commandLog } from './command-log.js';
import { endProgress, showProgress } from './progress.js';

interface RecordFlags {
  readonly out: string;
  readonly count?: number;
  readonly latest?: true;
  readonly amqpUrl?: string;
  readonly json?: true;
}

const ADVICE =
  'Only a poller that allows it can be recorded: `--recordable` of its command, `custom.rabbitmq.recordable` in serverless.yml, or ' +
  "the runner's option `recordable`.";

const NOTHING_YET = 'Its function has not been called since it was connected.';

/** `events record`. */
export async function recordEvents(queue: string, { out, count, latest, amqpUrl, json }: RecordFlags): Promise<void> {
  const stop = stopSignal();
  const log = await commandLog('events', json);
  const url = await requireBroker(amqpUrl, log);
  // Not everyone may read what a queue carries.
  const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
  await once(file, 'open').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'EEXIST' ? `${out} already exists: name a new file.` : cause.message;
    throw new CommandError(why, EXIT.usage, { cause });
  });
  const enough = new AbortController();
  const result = { queue, file: out, invocations: 0, messages: 0, invocations_left_off: 0 };
  const onLine = (text: string, line: RecordingLine): void => {
    if (count !== undefined && result.messages >= count) return;
    file.write(`${text}\n`);
    if (line.kind === 'gap') result.invocations_left_off += line.invocations;
    if (line.kind === 'begin' && line.entriesLeftOff !== undefined) {
      notice(
        `Its memory of ${line.entriesLeftOff} entries is too large to record: a replay starts with an empty memory.`,
      );
    }
    if (line.kind !== 'invocation') return;
    result.invocations++;
    result.messages += line.messages.length;
    if (process.stderr.isTTY) showProgress({ step: `${result.messages} messages` });
    if (count !== undefined && result.messages >= count) enough.abort();
  };
  const onHeard = () => notice(`Recording ${queue}. Ctrl-C stops.`);
  const signal = AbortSignal.any([stop, enough.signal]);
  try {
    await onConnection({ amqpUrl: url, connectionName: 'events record', log }, async (connection) => {
      if (latest === undefined) await record(connection, { queue, signal, onHeard, onLine });
      else if (!(await readLatest(connection, { queue, onLine }))) notice(NOTHING_YET);
    });
  } catch (error) {
    if (!(error instanceof NotRecordedError)) throw error;
    throw new CommandError(`${error.message}. ${ADVICE}`, EXIT.failed, { cause: error });
  } finally {
    endProgress();
    file.end();
    await once(file, 'close');
    if (file.bytesWritten === 0) await rm(out);
  }
  if (result.invocations_left_off > 0) notice(`${result.invocations_left_off} invocations could not be copied.`);
  const { messages, invocations } = result;
  printResult(json ? JSON.stringify(result) : `${messages} messages in ${invocations} invocations: ${out}`);
}
