import type { ConsumeMessage } from 'amqplib';
import type { StagedStore } from '../../state/staged-store.js';
import type { Connection } from '../connection/connection.js';
import { Poller } from '../consuming/poller.js';
import type { AdapterLog } from '../log.js';
import type { OnStep } from '../steps.js';
import { handoverIn, handoverQueueOf } from './rescale-message.js';
import type { RescaleStep } from './rescale-state.js';

const PREFETCH = 16;
const LOOK_MS = 1_000;
/** How often the queues that a queue waits for are logged. */
const SAY_MS = 10_000;

export interface TakeContext<Value> {
  readonly connection: Connection;
  readonly queue: string;
  readonly store: StagedStore<Value>;
  readonly log: AdapterLog;
  readonly signal: AbortSignal;
  readonly onStep: OnStep;
  /** Whether a value may have been stored by the handler. */
  readonly isValue: (value: unknown) => boolean;
  /** Whether it was taken before. */
  readonly isRepeated: (delivery: ConsumeMessage) => boolean;
  /**
   * Makes the staged changes permanent, together with the facts that this was taken and that messages with these identities were
   * handled.
   */
  readonly settle: (taken: ConsumeMessage, handled: readonly string[]) => Promise<void>;
  /** Called at the end, when everything is permanent. */
  readonly tell: (entries: number) => Promise<void>;
  /** @throws Error if the queue's own subscription has ended */
  readonly mustGoOn: () => void;
}

/** Takes over what all givers of a step hand over. Repeated after a crash, it takes what is left. */
export async function take<Value>(taking: TakeContext<Value>, step: RescaleStep): Promise<void> {
  const { connection, queue, store, log, signal, onStep, isValue, isRepeated, settle, tell, mustGoOn } = taking;
  const { epoch, givers } = step;
  const limits = { maxMessages: 1, maxBytes: Number.POSITIVE_INFINITY };
  const handovers = await Poller.open(connection, handoverQueueOf(queue), { prefetch: givers.length + PREFETCH });
  /** Which givers have said that there is no more, and where: a worker that takes over here would need that message again. */
  const done = new Set<string>();
  const last: ConsumeMessage[] = [];
  let entries = 0;
  let saidAt = performance.now();
  try {
    while (givers.some((giver) => !done.has(giver))) {
      if (await handovers.quiet(LOOK_MS, signal)) {
        mustGoOn();
        if (performance.now() - saidAt < SAY_MS) continue;
        saidAt = performance.now();
        const missing = givers.filter((giver) => !done.has(giver));
        log.warn(
          `waits for the entries of its keys that ${missing.join(', ')} still holds: is a worker running there?`,
          {
            code: 'rescale-waits',
            queue,
            epoch,
            missing,
          },
        );
        continue;
      }
      signal.throwIfAborted();
      const [delivery] = await handovers.take(limits, signal);
      if (delivery === undefined) continue;
      const handover = handoverIn(delivery);
      if (handover?.epoch === epoch && handover.last) {
        done.add(handover.from);
        last.push(delivery);
        continue;
      }
      const given = handover?.entries ?? [];
      const good = given.filter(([, value]) => isValue(value));
      if (handover === undefined || good.length < given.length) {
        log.error(`dropped values from ${handoverQueueOf(queue)} that no handler can have stored`, {
          code: 'handover-refused',
          messageId: delivery.properties.messageId,
          entries: given.length - good.length,
        });
      }
      if (handover?.epoch === epoch && !isRepeated(delivery)) {
        for (const [key, value] of good) store.set(key, value as Value);
        await settle(delivery, handover.handled ?? []);
        entries += good.length;
        onStep('entries taken');
      }
      handovers.acknowledge([delivery]);
    }
    await tell(entries);
    onStep('taking told');
    handovers.acknowledge(last);
  } finally {
    await handovers.close();
  }
}
