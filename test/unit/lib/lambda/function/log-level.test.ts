import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { queueFunction } from '../../../../../lib/lambda/function/queue-function.js';
import { batchOf, contextWith } from '../../../handlers/batch.js';

beforeEach(() => void vi.stubEnv('POWERTOOLS_LOG_LEVEL', undefined));
afterEach(() => vi.unstubAllEnvs());

it('says nothing below a warning in a command, however often the handler is invoked', async () => {
  const written: unknown[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(text) > 0);
  const handler = queueFunction('test', () => ({ rejected: 'odd', problems: ['of no interest'] }));
  for (let time = 0; time < 3; time++) await handler(batchOf('q', [{ body: 'odd' }]), contextWith());
  expect(written).toEqual([]);
});
