import { parentPort, workerData } from 'node:worker_threads';
import { handler } from '../../../handlers/shopping-worker.js';
import type { AnyHandler } from '../../../lib/lambda/runtime/call-handler.js';
import { newFunctionIdentity } from '../../../lib/lambda/runtime/function-identity.js';
import type { RecordingLine } from '../../../lib/recording/recording-line.js';
import { replay } from '../../recordings/replay.js';

/** The inside of a thread that gives one recorded invocation to the worker's code. */

const HANDLER_MS = 10_000;

async function* lines(): AsyncGenerator<RecordingLine> {
  yield* workerData as readonly RecordingLine[];
}

const replayed = replay(
  { kind: 'recording', lines },
  {
    handler: handler as unknown as AnyHandler,
    identity: newFunctionIdentity({ functionName: 'run again' }),
    timeoutMs: HANDLER_MS,
    signal: new AbortController().signal,
  },
);
for await (const { answer, error = '', same = false, handlerMs } of replayed) {
  // As JSON, like the answer that was recorded.
  const now = JSON.parse(JSON.stringify(answer === undefined ? { error } : { answer }));
  parentPort?.postMessage({ now, same, handlerMs });
}
