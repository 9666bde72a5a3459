import type { BatchItemFailure, BatchResult, OutgoingMessage } from '../event/batch-result.js';
import { IgnoredReturn } from './call-handler.js';

/** The handler's return value is malformed: the whole batch counts as failed. */
export class InvalidBatchResultError extends Error {
  override readonly name = 'InvalidBatchResultError';
}

/** The identifiers of a batch: a set, or a map from them. */
interface Identifiers {
  has(identifier: string): boolean;
}

/**
 * Checks a handler's return value. Only an object with `batchItemFailures` or `outgoing` has an effect; anything else means
 * success, as on AWS. As on Lambda for SQS, an empty list means success, and an identifier that is unknown, repeated or not a
 * string fails the batch.
 * @throws InvalidBatchResultError
 */
export function parseBatchResult(returned: unknown, identifiers: Identifiers): BatchResult {
  if (returned instanceof IgnoredReturn && saysSomething(returned.value)) {
    throw new InvalidBatchResultError(
      'the handler did not return a promise, so its batchItemFailures or outgoing have no effect: make it async',
    );
  }
  return {
    batchItemFailures: parseFailures(listOf('batchItemFailures', fieldOf(returned, 'batchItemFailures')), identifiers),
    outgoing: listOf('outgoing', fieldOf(returned, 'outgoing')).map(parseOutgoing),
  };
}

function saysSomething(returned: unknown): boolean {
  return fieldOf(returned, 'batchItemFailures') !== undefined || fieldOf(returned, 'outgoing') !== undefined;
}

/** The kind of a return value that has no effect, in words; undefined if nothing was returned, or if it has an effect. */
export function ignoredReturn(returned: unknown): string | undefined {
  const value = returned instanceof IgnoredReturn ? returned.value : returned;
  if (value === undefined || value === null) return undefined;
  if (saysSomething(value)) return returned instanceof IgnoredReturn ? 'an object without a promise' : undefined;
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object without batchItemFailures or outgoing' : `a ${typeof value}`;
}

/**
 * Checks a handler's return value where only a throw is a failure, as on AWS: any return value means success. Its outgoing
 * messages are sent all the same.
 * @throws InvalidBatchResultError for an outgoing message that cannot be sent
 */
export function parseOutgoingOnly(returned: unknown): BatchResult {
  return { batchItemFailures: [], outgoing: listOf('outgoing', fieldOf(returned, 'outgoing')).map(parseOutgoing) };
}

/** How many failures a handler reported, whatever they contain. */
export function countReported(returned: unknown): number {
  const failures = fieldOf(returned, 'batchItemFailures');
  return Array.isArray(failures) ? failures.length : 0;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function listOf(name: string, value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new InvalidBatchResultError(`${name} must be a list`);
  return value;
}

function parseFailures(failures: unknown[], identifiers: Identifiers): BatchItemFailure[] {
  const seen = new Set<string>();
  return failures.map((failure) => {
    const { itemIdentifier, reason } = objectOf('batchItemFailures', failure);
    if (typeof itemIdentifier !== 'string') throw new InvalidBatchResultError('an itemIdentifier must be a string');
    if (!identifiers.has(itemIdentifier)) {
      throw new InvalidBatchResultError(`unknown itemIdentifier ${JSON.stringify(itemIdentifier)}`);
    }
    if (seen.has(itemIdentifier)) {
      throw new InvalidBatchResultError(`repeated itemIdentifier ${JSON.stringify(itemIdentifier)}`);
    }
    seen.add(itemIdentifier);
    if (reason === undefined || reason === null) return { itemIdentifier };
    if (typeof reason !== 'string')
      throw new InvalidBatchResultError(`the reason for ${itemIdentifier} must be a string`);
    return { itemIdentifier, reason };
  });
}

const OUTGOING_FIELDS = Object.entries({
  exchange: 'string',
  routingKey: 'string',
  messageId: 'string',
  type: 'string',
  mustRoute: 'boolean',
});

function parseOutgoing(message: unknown): OutgoingMessage {
  const fields = objectOf('outgoing', message);
  for (const [field, type] of OUTGOING_FIELDS) {
    if (typeof fields[field] !== type) throw new InvalidBatchResultError(`outgoing ${field} must be a ${type}`);
  }
  const { itemIdentifier } = fields;
  if (itemIdentifier !== undefined && typeof itemIdentifier !== 'string') {
    throw new InvalidBatchResultError('an outgoing itemIdentifier must be a string');
  }
  if (fields['headers'] !== undefined) objectOf('outgoing headers', fields['headers']);
  return fields as unknown as OutgoingMessage;
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidBatchResultError(`${name} must contain objects`);
  }
  return value as Record<string, unknown>;
}
