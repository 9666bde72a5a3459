import { describe, expect, it } from 'vitest';
import { IgnoredReturn } from '../../../../../lib/lambda/runtime/call-handler.js';
import {
  countReported,
  InvalidBatchResultError,
  ignoredReturn,
  parseBatchResult,
  parseOutgoingOnly,
} from '../../../../../lib/lambda/runtime/parse-batch-result.js';

const IDENTIFIERS = new Set(['q::/#0', 'q::/#1']);
const BILL = { exchange: '', routingKey: 'bills', body: {}, messageId: 'b', type: 'bill', mustRoute: true };

describe('what a handler returned', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['null lists', { batchItemFailures: null, outgoing: null }],
    ['a text', 'Done'],
    ['a number', 7],
    ['true', true],
    ['a list', [{ itemIdentifier: 'q::/#0' }]],
    ['the answer of an HTTP function', { statusCode: 200, body: 'hi' }],
    ['something without a promise', new IgnoredReturn('ok')],
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
    ['something to send without a promise', new IgnoredReturn({ outgoing: [BILL] })],
    ['failures without a promise', new IgnoredReturn({ batchItemFailures: [] })],
    ['failures that are not a list', { batchItemFailures: {} }],
    ['an identifier that is not a string', { batchItemFailures: [{ itemIdentifier: 0 }] }],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['another key', { batchItemFailures: [{ identifier: 'q::/#0' }] }],
    ['an unknown identifier', { batchItemFailures: [{ itemIdentifier: 'q::/#2' }] }],
    ['a repeated identifier', { batchItemFailures: [{ itemIdentifier: 'q::/#0' }, { itemIdentifier: 'q::/#0' }] }],
    ['a reason that is not a string', { batchItemFailures: [{ itemIdentifier: 'q::/#0', reason: 5 }] }],
    ['an outgoing message without mustRoute', { outgoing: [{ ...BILL, mustRoute: undefined }] }],
    ['an outgoing message that follows from a number', { outgoing: [{ ...BILL, itemIdentifier: 0 }] }],
    ['headers that are a list', { outgoing: [{ ...BILL, headers: [] }] }],
  ])('fails the whole batch when it is or holds %s', (_, returned) => {
    expect(() => parseBatchResult(returned, IDENTIFIERS)).toThrow(InvalidBatchResultError);
  });
});

describe('what a handler returned where only a throw is a failure', () => {
  it.each([
    undefined,
    null,
    7,
    'ok',
    [],
    new IgnoredReturn({ outgoing: [BILL] }),
    { batchItemFailures: [{ itemIdentifier: 'q::/#0' }] },
    { outgoing: null },
  ])('means success: %#', (returned) => {
    expect(parseOutgoingOnly(returned)).toEqual({ batchItemFailures: [], outgoing: [] });
  });

  it('says what to send, all the same', () => {
    expect(parseOutgoingOnly({ outgoing: [BILL] }).outgoing).toEqual([BILL]);
    expect(() => parseOutgoingOnly({ outgoing: [{ ...BILL, type: 7 }] })).toThrow(InvalidBatchResultError);
  });

  it('may have reported failures, which are counted', () => {
    expect(countReported({ batchItemFailures: [{ itemIdentifier: 'x' }, 'y'] })).toBe(2);
    for (const none of [undefined, 7, {}, { batchItemFailures: 'x' }]) expect(countReported(none)).toBe(0);
  });
});

describe('what a handler returned that counts for nothing', () => {
  it.each<[unknown, string | undefined]>([
    [undefined, undefined],
    [null, undefined],
    [{ batchItemFailures: [] }, undefined],
    [{ outgoing: [] }, undefined],
    ['Done', 'a string'],
    [7, 'a number'],
    [false, 'a boolean'],
    [[], 'a list'],
    [{ ok: true }, 'an object without batchItemFailures or outgoing'],
    [new IgnoredReturn('ok'), 'a string'],
    [new IgnoredReturn({ outgoing: [] }), 'an object without a promise'],
  ])('%j is %j', (returned, words) => {
    expect(ignoredReturn(returned)).toBe(words);
  });
});
