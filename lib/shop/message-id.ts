import { v5 } from 'uuid';

/** The shop's own namespace for derived ids (RFC 9562, 6.6). */
const NAMESPACE = '6f2f7a0e-6f7b-4d8a-9c43-2f0f3d6f1f6b';

/** An event as it came in: its id, if its sender gave it one, its body and its trace. */
export interface Incoming {
  readonly messageId: string | undefined;
  readonly body: Uint8Array;
  /** The trace it is part of, where its sender keeps one. */
  readonly traceparent?: string | undefined;
}

/**
 * The id of a message that an event leads to: the same event always gives the same id, so that whoever receives a
 * repeat can tell. The body counts too: senders exist that give every message the same id, or none.
 * @param kind tells apart the messages that one event leads to.
 */
export function derivedMessageId({ messageId, body }: Incoming, kind: string): string {
  const event = v5(body, v5(messageId ?? '', NAMESPACE));
  return v5(kind, event);
}
