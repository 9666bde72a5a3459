import { url as inspectorUrl } from 'node:inspector';
import { isDeepStrictEqual } from 'node:util';
import type { BatchResult } from '../../lib/lambda/event/batch-result.js';
import { itemIdentifier, type RmqEvent } from '../../lib/lambda/event/rmq-event.js';
import { buildRmqEvent } from '../../lib/lambda/event/rmq-event-builder.js';
import { executionEnvironment } from '../../lib/lambda/runtime/execution-environment.js';
import { type InvokedFunction, invoke } from '../../lib/lambda/runtime/invoke.js';
import { parseBatchResult, parseOutgoingOnly } from '../../lib/lambda/runtime/parse-batch-result.js';
import { deliveryOf } from '../../lib/recording/recorded-message.js';
import type { RecordingLine } from '../../lib/recording/recording-line.js';
import { StagedStore } from '../../lib/state/staged-store.js';
import { TRACEPARENT } from '../../lib/tracing/trace-context.js';
import type { ReplayFile } from './read-recording.js';

/** The outcome of one invocation. */
export interface Replayed {
  readonly messages: number;
  readonly handlerMs: number;
  /** Missing if it threw. */
  readonly answer?: BatchResult;
  readonly error?: string;
  /** Whether it answered as in the recording; missing if that is not known. */
  readonly same?: boolean;
}

export interface ReplayOptions extends Pick<InvokedFunction<unknown>, 'handler' | 'identity' | 'timeoutMs'> {
  readonly signal: AbortSignal;
}

/**
 * Gives a function what it received when it was recorded, invocation by invocation, with the memory that it had then. Publishes
 * nothing and needs no broker.
 */
export async function* replay(file: ReplayFile, options: ReplayOptions): AsyncIterable<Replayed> {
  const { signal } = options;
  const store = new StagedStore<unknown>();
  if (file.kind === 'event') {
    yield await replayOne(file.event, store, true, options);
    return;
  }
  let begin: Extract<RecordingLine, { kind: 'begin' }> | undefined;
  for await (const line of file.lines()) {
    if (signal.aborted) return;
    if (line.kind === 'begin') {
      begin = line;
      store.clear();
    } else if (line.kind === 'memory') {
      store.apply(line.entries.map(([key, value]) => ({ key, value })));
    } else if (line.kind === 'invocation' && begin !== undefined) {
      const event = buildRmqEvent(begin, line.messages.map(deliveryOf));
      const replayed = await replayOne(event, store, begin.partialFailures, options);
      // A message that failed then came again, and is given again later.
      if (line.answer === undefined) store.rollback();
      else store.commit();
      yield { ...replayed, same: isSame(replayed.answer, line.answer) };
    }
  }
}

/** This process. */
const environment = executionEnvironment();

async function replayOne(
  event: RmqEvent,
  store: StagedStore<unknown>,
  partialFailures: boolean,
  options: ReplayOptions,
): Promise<Replayed> {
  const identifiers = identifiersOf(event);
  const messages = identifiers.size;
  const startedAt = performance.now();
  try {
    const invoked = { ...options, store, untimed: () => inspectorUrl() !== undefined };
    const returned = await environment(() => invoke(invoked, event));
    const handlerMs = performance.now() - startedAt;
    const answer = partialFailures ? parseBatchResult(returned, identifiers) : parseOutgoingOnly(returned);
    return { messages, handlerMs, answer };
  } catch (error) {
    store.rollback();
    return { messages, handlerMs: performance.now() - startedAt, error: (error as Error).message };
  }
}

function identifiersOf({ rmqMessagesByQueue }: RmqEvent): ReadonlySet<string> {
  return new Set(
    Object.entries(rmqMessagesByQueue).flatMap(([key, list]) => list.map((_, index) => itemIdentifier(key, index))),
  );
}

/**
 * Traces differ each time. Undefined means that it failed; how does not matter, because the same outage may be worded
 * differently.
 */
function isSame(answer: BatchResult | undefined, recorded: unknown): boolean {
  if (answer === undefined || recorded === undefined) return answer === recorded;
  const told = JSON.parse(JSON.stringify(answer)) as BatchResult;
  return isDeepStrictEqual(withoutTraces(told), withoutTraces(recorded as BatchResult));
}

function withoutTraces({ batchItemFailures, outgoing }: BatchResult): unknown {
  return {
    batchItemFailures,
    outgoing: outgoing.map(({ headers = {}, ...message }) => {
      const { [TRACEPARENT]: _, ...others } = headers;
      return { ...message, headers: others };
    }),
  };
}
