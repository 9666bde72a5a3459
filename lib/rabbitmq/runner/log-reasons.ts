import { previewOf } from '../../dead-letters/preview.js';
import { deadLetterId, type LogAddress, logMessage } from '../dead-letters/dead-letter-log.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import type { Rejection } from './decision.js';
import type { Invoker } from './invocation.js';

export interface ReasonsContext extends PublishContext {
  readonly invoker: Pick<Invoker<never>, 'source'>;
  /** The stream with the reasons of rejections, if there is one. */
  readonly reasonsTo: LogAddress | undefined;
}

/** Records why messages are about to be rejected; equal messages share an entry. @throws ChannelGoneError */
export async function logReasons(acting: ReasonsContext, rejections: readonly Rejection[]): Promise<void> {
  const { reasonsTo: log, invoker } = acting;
  if (log === undefined || rejections.length === 0) return;
  const at = new Date().toISOString();
  const byId = new Map(rejections.map((rejection) => [deadLetterId(rejection.delivery), rejection]));
  const entries = [...byId].map(([id, { delivery, reason }]) => {
    const { messageId } = delivery.properties;
    const message = previewOf(delivery);
    return logMessage(log, { kind: 'rejected', id, at, queue: invoker.source.queue, reason, messageId, message });
  });
  await publishUntilConfirmed(acting, entries);
  acting.onStep('reasons logged');
}
