import type { BatchItemFailure, BatchResult, OutgoingMessage } from './batch-result.js';
import { IGNORED_RETURN } from './call-handler.js';

/** The handler returned something that says nothing certain about its batch: the whole batch counts as failed. */
export class InvalidBatchResultError extends Error {
  override readonly name = 'InvalidBatchResultError';
}

/** The identifiers of a batch: a set, or a map from them. */
interface Identifiers {
  has(identifier: string): boolean;
}

/**
 * Checks what a handler returned. As Lambda does for SQS, nothing (or `null`) returned or listed means success, and an
 * identifier that is unknown, repeated or no string fails the batch.
 * @throws InvalidBatchResultError
 */
export function parseBatchResult(returned: unknown, identifiers: Identifiers): BatchResult {
  if (returned === IGNORED_RETURN) {
    throw new InvalidBatchResultError(
      'the handler gave no promise, and what it returned counts for nothing: make it async',
    );
  }
  if (returned === undefined || returned === null) return { batchItemFailures: [], outgoing: [] };
  if (typeof returned !== 'object') throw new InvalidBatchResultError(`the handler returned a ${typeof returned}`);
  const { batchItemFailures, outgoing } = returned as Record<string, unknown>;
  return {
    batchItemFailures: parseFailures(listOf('batchItemFailures', batchItemFailures), identifiers),
    outgoing: listOf('outgoing', outgoing).map(parseOutgoing),
  };
}

/**
 * Checks what a handler returned where only a throw is a failure, as on AWS: whatever it returned means success. What it
 * wants sent is sent all the same.
 * @throws InvalidBatchResultError for something to send that cannot be
 */
export function parseOutgoingOnly(returned: unknown): BatchResult {
  return { batchItemFailures: [], outgoing: listOf('outgoing', fieldOf(returned, 'outgoing')).map(parseOutgoing) };
}

/** How many failures a handler reported, whatever they say. */
export function countReported(returned: unknown): number {
  const failures = fieldOf(returned, 'batchItemFailures');
  return Array.isArray(failures) ? failures.length : 0;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function listOf(name: string, value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new InvalidBatchResultError(`${name} is no list`);
  return value;
}

function parseFailures(failures: unknown[], identifiers: Identifiers): BatchItemFailure[] {
  const seen = new Set<string>();
  return failures.map((failure) => {
    const { itemIdentifier, reason } = objectOf('batchItemFailures', failure);
    if (typeof itemIdentifier !== 'string') throw new InvalidBatchResultError('an itemIdentifier is no string');
    if (!identifiers.has(itemIdentifier)) {
      throw new InvalidBatchResultError(`unknown itemIdentifier ${JSON.stringify(itemIdentifier)}`);
    }
    if (seen.has(itemIdentifier)) {
      throw new InvalidBatchResultError(`repeated itemIdentifier ${JSON.stringify(itemIdentifier)}`);
    }
    seen.add(itemIdentifier);
    if (reason === undefined || reason === null) return { itemIdentifier };
    if (typeof reason !== 'string') throw new InvalidBatchResultError(`the reason for ${itemIdentifier} is no string`);
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
    if (typeof fields[field] !== type) throw new InvalidBatchResultError(`outgoing ${field} is no ${type}`);
  }
  const { itemIdentifier } = fields;
  if (itemIdentifier !== undefined && typeof itemIdentifier !== 'string') {
    throw new InvalidBatchResultError('an outgoing itemIdentifier is no string');
  }
  if (fields['headers'] !== undefined) objectOf('outgoing headers', fields['headers']);
  return fields as unknown as OutgoingMessage;
}

function objectOf(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidBatchResultError(`${name} holds something that is no object`);
  }
  return value as Record<string, unknown>;
}
