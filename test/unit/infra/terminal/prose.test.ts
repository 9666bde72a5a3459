import { describe, expect, it } from 'vitest';
import { proseLog } from '../../../../infra/terminal/prose.js';

describe('a warning of the adapter', () => {
  it('tells its reason in one line, without what differs each time', () => {
    const told: unknown[] = [];
    const log = proseLog((trouble) => told.push(trouble));
    const refused = new AggregateError([new Error('refused 1'), new Error('refused 2')]);
    log.warn('session ended', { connectionName: 'a', delayMs: 7, error: refused, attempt: 2, of: { one: 1 } });
    log.error('stuck');
    log.info('fine');
    expect(told).toEqual([
      { level: 'warning', text: 'session ended (error refused 1, refused 2, attempt 2, of {"one":1})' },
      { level: 'error', text: 'stuck' },
    ]);
  });

  it('that is an error says where it was thrown, without the frames of Node', () => {
    const told: { text: string }[] = [];
    const error = new Error('no such thing');
    error.stack = 'Error: no such thing\n    at find (/shop/handlers/till.ts:7:9)\n    at run (node:internal/x:1:2)';
    proseLog((trouble) => told.push(trouble)).error('the handler fails; trying it again', { attempt: 1, error });
    expect(told[0]?.text).toBe(
      'the handler fails; trying it again (attempt 1, error no such thing)\n    at find (/shop/handlers/till.ts:7:9)',
    );
  });
});
