import type { ConsumeMessage } from 'amqplib';
import type { Decided } from '../changelog/journal.js';
import { makePermanent, type PermanenceContext } from '../changelog/make-permanent.js';
import type { Connection } from '../connection/connection.js';
import type { Poller } from '../consuming/poller.js';
import type { AdapterLog } from '../log.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { OnStep } from '../steps.js';
import { give } from './give.js';
import type { RescaleLog } from './rescale-log.js';
import type { Barrier } from './rescale-message.js';
import { rescaleStreamOf } from './rescale-reader.js';
import type { RescaleStep } from './rescale-state.js';
import type { RescaleSettings } from './settings.js';
import { take } from './take.js';

/** What a runner settles its batches with. */
export interface RescalingSession<Value> extends PermanenceContext<Value> {
  readonly works: () => void;
}

export interface MeetingContext<Value> {
  readonly connection: Connection;
  readonly queue: string;
  readonly settings: RescaleSettings;
  readonly records: RescaleLog;
  /** Whether a value may have been stored by the handler. Default: all are accepted. */
  readonly isValue?: ((value: unknown) => boolean) | undefined;
  readonly settling: RescalingSession<Value>;
  readonly poller: Poller;
  readonly log: AdapterLog;
  readonly signal: AbortSignal;
  readonly onStep: OnStep;
}

/** Does what a barrier asks for: hands over, or takes over. @throws ChannelGoneError, or once the signal has aborted */
export async function meetBarrier<Value>(meeting: MeetingContext<Value>, { epoch, duty }: Barrier): Promise<void> {
  const { queue, records, settling, log, onStep } = meeting;
  onStep('barrier met');
  const metAt = performance.now();
  const pausedMs = (): number => Math.round(performance.now() - metAt);
  if (records.state.epoch < epoch) await records.catchUp();
  if (records.state.epoch < epoch) {
    log.error('dropped a barrier that belongs to no known rescale', { code: 'barrier-unknown', queue, epoch });
  }
  const { step } = records.state;
  if (step?.epoch !== epoch) return;
  await settling.journal.proveOwnership();
  const mustGive = step.givers.includes(queue) && !step.gave.has(queue);
  const mustTake = step.takers.includes(queue) && !step.took.has(queue);
  if (duty === 'give' && mustGive) await handOver(meeting, step, pausedMs);
  if (duty === 'take' && mustTake) await takeOver(meeting, step, pausedMs);
}

async function handOver<Value>(
  { queue, settings, records, settling, log, onStep }: MeetingContext<Value>,
  step: RescaleStep,
  pausedMs: () => number,
): Promise<void> {
  const { epoch } = step;
  const giving = {
    ...settling,
    queue,
    by: rescaleStreamOf(settings.exchange),
    newestHandled: (share: number) => settling.journal.newestHandled(share),
    settle: (outgoing: readonly EncodedMessage[]) => settle(settling, { accepted: [], outgoing }),
  };
  const entries = await give(giving, step);
  const ms = pausedMs();
  await records.append({ kind: 'gave', epoch, queue, entries, ms });
  onStep('giving told');
  log.info('handed over entries to other queues', { code: 'rescale-gave', queue, epoch, entries, ms });
  settings.onChange?.({ kind: 'gave', entries: Object.values(entries).reduce((sum, some) => sum + some, 0) });
}

async function takeOver<Value>(
  { connection, queue, settings, records, isValue, settling, poller, log, signal, onStep }: MeetingContext<Value>,
  step: RescaleStep,
  pausedMs: () => number,
): Promise<void> {
  const { epoch } = step;
  const taking = {
    connection,
    queue,
    store: settling.store,
    log,
    signal,
    onStep,
    isValue: isValue ?? (() => true),
    isRepeated: (taken: ConsumeMessage) => settling.journal.sort([taken]).repeated.length > 0,
    settle: (taken: ConsumeMessage, handledElsewhere: readonly string[]) =>
      settle(settling, { accepted: [taken], outgoing: [], handledElsewhere }),
    tell: async (entries: number) => {
      const ms = pausedMs();
      await records.append({ kind: 'took', epoch, queue, entries, ms });
      log.info('took over entries from other queues', { code: 'rescale-took', queue, epoch, entries, ms });
      settings.onChange?.({ kind: 'took', entries });
    },
    mustGoOn: () => poller.mustGoOn(signal),
  };
  await take(taking, step);
}

async function settle<Value>(
  settling: RescalingSession<Value>,
  decided: Omit<Decided<Value>, 'changes'>,
): Promise<void> {
  const whole = { ...decided, changes: settling.store.changes() };
  await makePermanent(settling, whole, settling.journal.record(whole));
  await settling.journal.tidy();
}
