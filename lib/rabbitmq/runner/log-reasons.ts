import { previewOf } from '../../dead-letters/preview.js';
import { deadLetterId, type LogAddress, logMessage } from '../dead-letters/dead-letter-log.js';
import { type PublishContext, publishUntilConfirmed } from '../publishing/publish-until-confirmed.js';
import type { Rejection } from './decision.js';

export interface ReasonsContext extends PublishContext {
  /** The stream with the reasons of rejections, if there is one. */
  readonly reasonsTo: LogAddress | undefined;
}

/** Records why messages of a queue are about to be rejected; equal messages share an entry. @throws ChannelGoneError */
export async function logReasons(
  acting: ReasonsContext,
  queue: string,
  rejections: readonly Rejection[],
): Promise<void> {
  const { reasonsTo: log } = acting;
  if (log === undefined || rejections.length === 0) return;
  const at = new Date().toISOString();
  const byId = new Map(rejections.map((rejection) => [deadLetterId(rejection.delivery), rejection]));
  const entries = [...byId].map(([id, { delivery, reason }]) => {
    const { messageId } = delivery.properties;
    const message = previewOf(delivery);
    return logMessage(log, { kind: 'rejected', id, at, queue, reason, messageId, message });
  });
  await publishUntilConfirmed(acting, entries);
  acting.onStep('reasons logged');
}
