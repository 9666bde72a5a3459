import type { RmqEventSource } from '../../lambda/event/rmq-event-builder.js';
import type { AnyHandler } from '../../lambda/runtime/call-handler.js';
import { Changelog } from '../changelog/changelog.js';
import { type Journal, noJournal } from '../changelog/journal.js';
import type { Connection } from '../connection/connection.js';
import { addressOfLog } from '../dead-letters/dead-letter-log.js';
import type { InvocationWatch } from '../observing/invocation-watch.js';
import type { Invoked } from '../observing/runner-activity.js';
import { Exchanges } from '../publishing/exchanges.js';
import type { Publisher } from '../publishing/publisher.js';
import { Rescaling } from '../rescale/rescaling.js';
import type { SettleContext } from './batch.js';
import { rejectingOn } from './rejecting.js';
import type { Runner } from './runner.js';
import { setAside } from './set-aside.js';
import { invocationBytes } from './unfit.js';

export function countsFailures<Value>({ retry }: Runner<Value>): boolean {
  return retry === 'bounded';
}

export function sourceOf<Value>({ queue, eventSourceArn }: Runner<Value>, { vhost }: Connection): RmqEventSource {
  return { queue, vhost, eventSourceArn };
}

/** A runner on one connection: everything that settling a batch needs, except the subscription it came from. */
export type Session<Value> = Runner<Value> &
  Omit<SettleContext<Value>, 'poller' | 'mayLeave'> & {
    readonly connection: Connection;
    /** Reports that a batch was settled. */
    readonly works: () => void;
    readonly rescaling: Rescaling<Value> | undefined;
  };

/** Gives the queue its place among those that share an exchange's keys, if it has one. */
export async function enterRing<Value>(
  runner: Runner<Value>,
  connection: Connection,
): Promise<Rescaling<Value> | undefined> {
  const { rescale: settings, changelog, topology } = runner;
  const isValue = changelog === 'none' ? undefined : changelog.isValue;
  return settings && Rescaling.enter({ ...runner, connection, settings, isValue, declaredBy: topology?.declaredBy });
}

export async function prepareSession<Value>(
  runner: Runner<Value>,
  connection: Connection,
  publisher: Publisher,
  watch: InvocationWatch,
): Promise<Omit<Session<Value>, 'works' | 'rescaling'>> {
  const { handler, handlerTimeoutMs, store, connectionName } = runner;
  const rejecting = await rejectingOn(runner, connection);
  const exchanges = new Exchanges(connection, runner.topology?.exchanges);
  // The log is a stream, and Amazon MQ has no streams.
  const stream = connection.isAmazonMq ? undefined : runner.deadLetterLog;
  const reasonsTo = stream === undefined ? undefined : await addressOfLog(exchanges, stream);
  const base = { ...runner, connection, publisher, exchanges };
  const { changelog: settings } = runner;
  const declaredBy = runner.topology?.declaredBy;
  const aside = { ...base, ...rejecting, reasonsTo };
  const journal: Journal<Value> =
    settings === 'none'
      ? noJournal()
      : await Changelog.open({
          ...base,
          settings,
          declaredBy,
          sizeOf: invocationBytes,
          setAside: (stuck) => setAside(aside, stuck),
          onSkipped: () => runner.activity.skipped(),
        });
  const invoker = {
    source: sourceOf(runner, connection),
    // It is called as Lambda calls any handler.
    handler: handler as unknown as AnyHandler,
    identity: runner.identity,
    timeoutMs: handlerTimeoutMs,
    untimed: runner.untimed,
    store,
    partialFailures: countsFailures(runner),
    turn: runner.turn,
    onIgnoredReturn: runner.onIgnoredReturn,
    onInvoked: (invoked: Invoked) => runner.activity.invoked(invoked),
    watch,
  };
  return { ...base, ...rejecting, journal, invoker, appId: connectionName, reasonsTo };
}
