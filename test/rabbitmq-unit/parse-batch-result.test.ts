import { describe, expect, it } from 'vitest';
import { InvalidBatchResultError, parseBatchResult } from '../../lib/lambda/parse-batch-result.js';

const IDENTIFIERS = new Set(['q::/#0', 'q::/#1']);
const BILL = { exchange: '', routingKey: 'bills', body: {}, messageId: 'b', type: 'bill', mustRoute: true };

describe('what a handler returned', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['null lists', { batchItemFailures: null, outgoing: null }],
  ])('means success when it is %s', (_, returned) => {
    expect(parseBatchResult(returned, IDENTIFIERS)).toEqual({ batchItemFailures: [], outgoing: [] });
  });

  it('is kept when it is sound', () => {
    const result = {
      batchItemFailures: [{ itemIdentifier: 'q::/#1' }, { itemIdentifier: 'q::/#0', reason: 'unknown' }],
      outgoing: [BILL],
    };
    expect(parseBatchResult(result, IDENTIFIERS)).toEqual(result);
  });

  it.each([
    ['a string', 'ok'],
    ['failures that are no list', { batchItemFailures: {} }],
    ['an identifier that is no string', { batchItemFailures: [{ itemIdentifier: 0 }] }],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['another key', { batchItemFailures: [{ identifier: 'q::/#0' }] }],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: 'q::/#2' }] }],
    ['a repeated identifier', { batchItemFailures: [{ itemIdentifier: 'q::/#0' }, { itemIdentifier: 'q::/#0' }] }],
    ['a reason that is no string', { batchItemFailures: [{ itemIdentifier: 'q::/#0', reason: 5 }] }],
    ['an outgoing message without mustRoute', { outgoing: [{ ...BILL, mustRoute: undefined }] }],
    ['headers that are a list', { outgoing: [{ ...BILL, headers: [] }] }],
  ])('fails the whole batch when it is or holds %s', (_, returned) => {
    expect(() => parseBatchResult(returned, IDENTIFIERS)).toThrow(InvalidBatchResultError);
  });
});
