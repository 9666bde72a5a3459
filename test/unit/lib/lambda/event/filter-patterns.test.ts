import { describe, expect, it } from 'vitest';
import { compileFilterPatterns } from '../../../../../lib/lambda/event/filter-patterns.js';
import { FilterPatternError } from '../../../../../lib/lambda/event/filter-rules.js';

const passes = (patterns: readonly unknown[], body: string | Buffer): boolean =>
  compileFilterPatterns(patterns)(Buffer.from(body as string));

/** One pattern over `data`, and one body. */
const reaches = (data: unknown, body: unknown): boolean => passes([{ data }], JSON.stringify(body));

describe('a rule over a field', () => {
  it.each<[rule: unknown, matching: unknown[], others: unknown[]]>([
    ['Alice', ['Alice', ['Bob', 'Alice']], ['alice', 'Alice ', '', null, 7, ['Bob'], [], { Alice: 'Alice' }]],
    ['', [''], [' ', null]],
    [null, [null], ['null', '', 0, false]],
    [true, [true], [false, 'true', 1]],
    [300, [300, 3e2], ['300', 301]],
    [{ 'equals-ignore-case': 'alice' }, ['ALICE', 'alice'], ['alic', 'alicee', null]],
    [{ prefix: 'us-' }, ['us-east-1', 'us-', ['eu', 'us-1']], ['eu-us-', 'us', 7, null]],
    [{ prefix: '' }, ['', 'any'], [7, null]],
    [{ suffix: '.png' }, ['a.png', '.png'], ['a.png ', 'png', 7]],
    [{ 'anything-but': 'rain' }, ['sun', 7, null, '', ['rain', 'sun']], ['rain', ['rain'], []]],
    [{ 'anything-but': ['rain', 'snow'] }, ['sun'], ['rain', 'snow', ['snow', 'rain']]],
    [{ 'anything-but': [1, 2] }, [3, '1'], [1, 2]],
    [{ numeric: ['=', 100] }, [100, 1e2, [7, 100]], [100.5, '100', null]],
    [{ numeric: ['>', 10, '<=', 20] }, [10.01, 20], [10, 20.01, '15']],
    [{ numeric: ['>=', -5, '<', 0] }, [-5, -0.1], [0, -5.1]],
    [{ numeric: ['<', 5] }, [4, -1e300], [5, 6]],
    [{ exists: true }, ['x', 0, null, false, [1]], [{ deeper: 1 }, []]],
    [{ exists: false }, [{ deeper: 1 }, []], ['x', 0, null, false]],
  ])('%j', (rule, matching, others) => {
    for (const value of matching) expect([value, reaches({ field: [rule] }, { field: value })]).toEqual([value, true]);
    for (const value of others) expect([value, reaches({ field: [rule] }, { field: value })]).toEqual([value, false]);
    expect(reaches({ field: [rule] }, { another: 1 })).toBe(JSON.stringify(rule) === '{"exists":false}');
  });

  it('is one of several of which one must match', () => {
    const pattern = { city: ['Rome', { prefix: 'New ' }, null] };
    expect(['Rome', 'New York', null, 'Oslo'].map((city) => reaches(pattern, { city }))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('a pattern', () => {
  it('wants all of its fields, at any depth, and does not mind others', () => {
    const pattern = { order: { total: [{ numeric: ['>', 5] }], to: { city: ['Rome'] } }, kind: ['sale'] };
    const order = { total: 6, to: { city: 'Rome', street: 'x' } };
    expect(reaches(pattern, { order, kind: 'sale', more: [] })).toBe(true);
    expect(reaches(pattern, { order, kind: 'gift' })).toBe(false);
    expect(reaches(pattern, { order: { ...order, total: 5 }, kind: 'sale' })).toBe(false);
    expect(reaches(pattern, { order: { total: 6 }, kind: 'sale' })).toBe(false);
    expect(reaches(pattern, { order: 'Rome', kind: 'sale' })).toBe(false);
    expect(reaches(pattern, { kind: 'sale' })).toBe(false);
  });

  it('finds all fields of an object in one element of a list', () => {
    const pattern = { items: { name: ['tea'], count: [2] } };
    expect(
      reaches(pattern, {
        items: [
          { name: 'milk', count: 1 },
          { name: 'tea', count: 2 },
        ],
      }),
    ).toBe(true);
    expect(
      reaches(pattern, {
        items: [
          { name: 'milk', count: 2 },
          { name: 'tea', count: 1 },
        ],
      }),
    ).toBe(false);
    expect(reaches(pattern, { items: [] })).toBe(false);
    expect(reaches({ items: { name: [{ exists: false }] } }, { items: [] })).toBe(true);
    expect(reaches({ name: ['tea'] }, [{ name: 'milk' }, { name: 'tea' }])).toBe(true);
  });

  it('takes $or over several fields, beside others', () => {
    const pattern = { kind: ['sale'], $or: [{ city: ['Rome'] }, { total: [{ numeric: ['>', 100] }], paid: [true] }] };
    expect(reaches(pattern, { kind: 'sale', city: 'Rome' })).toBe(true);
    expect(reaches(pattern, { kind: 'sale', total: 101, paid: true })).toBe(true);
    expect(reaches(pattern, { kind: 'sale', total: 101, paid: false })).toBe(false);
    expect(reaches(pattern, { kind: 'gift', city: 'Rome' })).toBe(false);
  });

  it('takes names of fields for names, whatever they are', () => {
    const body = '{"__proto__": {"polluted": "yes"}, "hasOwnProperty": "x"}';
    expect(passes([{ data: { hasOwnProperty: ['x'] } }], body)).toBe(true);
    expect(passes([{ data: { toString: [{ exists: false }] } }], body)).toBe(true);
    expect(passes([{ data: JSON.parse('{"__proto__": {"polluted": ["yes"]}}') }], body)).toBe(true);
    expect(passes([{ data: JSON.parse('{"__proto__": {"polluted": ["no"]}}') }], body)).toBe(false);
  });

  it('is one of several of which one must match; where there is none, everything does', () => {
    const patterns = [{ data: { a: [1] } }, { data: { b: [2] } }];
    expect(['{"a":1}', '{"b":2}', '{"a":2,"b":1}'].map((body) => passes(patterns, body))).toEqual([true, true, false]);
    expect(passes([], '')).toBe(true);
  });
});

describe('a body', () => {
  const text = [{ data: [{ prefix: 'Result: ' }] }];
  const json = [{ data: { a: [1] } }];

  it('that is plain text is matched as a whole, and so is a JSON value that is not an object', () => {
    expect(passes(text, 'Result: 7')).toBe(true);
    expect(passes(text, 'result: 7')).toBe(false);
    expect(passes([{ data: ['7'] }], '7')).toBe(true);
    expect(passes([{ data: ['"x"'] }], '"x"')).toBe(true);
  });

  it('of the other kind, or not of UTF-8, is let through: Lambda then looks at metadata only', () => {
    expect(passes(text, '{"a":2}')).toBe(true);
    expect(passes(json, 'plain')).toBe(true);
    for (const patterns of [text, json]) expect(passes(patterns, Buffer.from([0xff, 0xfe, 0x61]))).toBe(true);
  });

  it('is refused by none of several where one is of the other kind', () => {
    expect(passes([...text, ...json], '{"a":2}')).toBe(true);
  });
});

describe('what Lambda would refuse', () => {
  it.each<[patterns: unknown[], says: RegExp]>([
    [Array.from({ length: 11 }, () => ({ data: ['x'] })), /11 patterns; Lambda takes at most 10/],
    [['x'], /filterPatterns\[0\]: must be a list of rules or an object, not "x"/],
    [[{}], /filterPatterns\[0\]: Amazon MQ filters by the key data only/],
    [[{ data: ['x'], eventSource: ['y'] }], /by the key data only, not by eventSource/],
    [[{ data: [] }], /filterPatterns\[0\]\.data: a list of rules must not be empty/],
    [[{ data: {} }], /filterPatterns\[0\]\.data: an object must have a field/],
    [[{ data: { a: 'x' } }], /filterPatterns\[0\]\.data\.a: must be a list of rules or an object, not "x"/],
    [[{ data: { a: [['x']] } }], /data\.a\[0\]: must be a list of rules or an object/],
    [[{ data: { a: [{ wildcard: '*' }] } }], /data\.a\[0\]: unknown operator wildcard; Lambda knows prefix, suffix/],
    [[{ data: { a: [{ prefix: 'x', suffix: 'y' }] } }], /data\.a\[0\]: a rule must have exactly one operator/],
    [[{ data: { a: [{}] } }], /data\.a\[0\]: a rule must have exactly one operator/],
    [[{ data: { a: [{ prefix: 7 }] } }], /data\.a\[0\]\.prefix: must be a string/],
    [[{ data: { a: [{ exists: 'yes' }] } }], /data\.a\[0\]\.exists: must be true or false/],
    [
      [{ data: { a: [{ 'anything-but': ['x', 7] }] } }],
      /anything-but: must be a string, a number, or a list of either/,
    ],
    [[{ data: { a: [{ 'anything-but': [] }] } }], /anything-but: must be a string, a number, or a list of either/],
    [
      [{ data: { a: [{ 'anything-but': { prefix: 'x' } }] } }],
      /anything-but: must be a string, a number, or a list of either/,
    ],
    [[{ data: { a: [{ numeric: ['>', '10'] }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { a: [{ numeric: ['<', 10, '>', 20] }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { a: [{ numeric: ['=', 10, '<', 20] }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { a: [{ numeric: ['!=', 10] }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { a: [{ numeric: ['>', 10, '<='] }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { a: [{ numeric: [] }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { a: [{ numeric: 10 }] } }], /numeric: must be like \[">", 10/],
    [[{ data: { $or: [{ a: ['x'] }] } }], /data\.\$or: must be a list of at least two objects/],
    [[{ data: { $or: [{ a: ['x'] }, 7] } }], /data\.\$or\[1\]: must be a list of rules or an object/],
    [[{ data: { a: ['x'.repeat(4096)] } }], /filterPatterns\[0\]: more than 4096 characters of JSON/],
  ])('%#', (patterns, says) => {
    expect(() => compileFilterPatterns(patterns)).toThrow(FilterPatternError);
    expect(() => compileFilterPatterns(patterns)).toThrow(says);
  });
});
