import { hash } from 'node:crypto';

/** Identities, ids and checks by hand, for this one job. */

/** A message to send. */
export interface Outgoing {
  readonly exchange: string;
  readonly routingKey: string;
  readonly type: string;
  readonly messageId: string;
  readonly body: string;
}

export interface Seen {
  readonly event_type: 'pick up' | 'purchase';
  readonly product_number: string;
  readonly timestamp: string;
}

export function identityOf(id: string, body: Buffer): string {
  return hash('sha256', Buffer.concat([Buffer.from(`${id.length}:${id}`), body]), 'base64url').slice(0, 22);
}

const NAMESPACE = Buffer.from('6f2f7a0e6f7b4d8a9c432f0f3d6f1f6b', 'hex');

/** A version 5 UUID of the event and of what it leads to. */
export function derivedId(id: string, body: Buffer, kind: string): string {
  const name = [NAMESPACE, Buffer.from(`${kind}\n${id.length}:${id}`), body];
  const hex = hash('sha1', Buffer.concat(name), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const MOST_BYTES = 255;
const TIME = /^\d{4}-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Undefined for anything that is not exactly a shopping event. */
export function validEvent(body: Buffer): Seen | undefined {
  let json: unknown;
  try {
    json = JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null || Object.keys(json).length !== 3) return undefined;
  const { event_type, product_number, timestamp } = json as Partial<Seen>;
  if (event_type !== 'pick up' && event_type !== 'purchase') return undefined;
  if (typeof product_number !== 'string' || product_number === '' || !isShort(product_number)) return undefined;
  if (typeof timestamp !== 'string') return undefined;
  const [, month, day, hour, minute, second = '0'] = TIME.exec(timestamp) ?? [];
  const isTime =
    isIn(month, 1, 12) && isIn(day, 1, 31) && isIn(hour, 0, 23) && isIn(minute, 0, 59) && isIn(second, 0, 60);
  return isTime ? { event_type, product_number, timestamp } : undefined;
}

function isIn(text: string | undefined, least: number, most: number): boolean {
  return Number(text) >= least && Number(text) <= most;
}

/** @throws Error for a message that cannot be sent */
export function checkAnswer(answer: readonly Outgoing[]): void {
  for (const { exchange, routingKey, type, messageId, body } of answer) {
    for (const text of [exchange, routingKey, type, messageId]) {
      if (typeof text !== 'string' || !isShort(text)) throw new Error(`no name can be ${JSON.stringify(text)}`);
    }
    if (typeof body !== 'string' || messageId === '') throw new Error('a message needs a body and an id');
  }
}

function isShort(text: string): boolean {
  return text.length * 3 <= MOST_BYTES || Buffer.byteLength(text) <= MOST_BYTES;
}
