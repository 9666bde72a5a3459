import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../../infra/functions/settings.js';

const NAMES = { functionKeys: ['worker', 'sensor'], queues: ['orders', 'bills'] };

describe('custom.rabbitmq', () => {
  it('may be left out', () => {
    expect(readSettings(undefined, NAMES)).toEqual({
      brokerFolder: '.rabbitmq',
      changelog: [],
      declareQueues: false,
      mayDiscard: [],
      recordable: [],
      rescale: {},
      status: {},
      threadsPerFunction: 16,
      timing: 'immediate',
      retry: 'bounded',
    });
  });

  it.each([
    [{ prefech: 1 }, 'custom.rabbitmq: unknown key prefech; did you mean prefetch?'],
    [{ Topology: 'x' }, 'did you mean topology?'],
    [{ somethingElse: 1 }, 'known: amqpUrl, brokerFolder, topology'],
    [{ prefetch: 0 }, 'custom.rabbitmq.prefetch: '],
    [{ amqpUrl: 'http://localhost' }, 'custom.rabbitmq.amqpUrl: '],
    [{ timing: 'slow' }, 'custom.rabbitmq.timing: '],
    [{ retry: 'never' }, 'custom.rabbitmq.retry: '],
    [{ retry: { odrers: 'aws' } }, 'custom.rabbitmq.retry: unknown queue odrers; did you mean orders?'],
    [{ status: { worler: 'told' } }, 'custom.rabbitmq.status: unknown function worler; did you mean worker?'],
    [{ changelog: ['worler'] }, 'custom.rabbitmq.changelog: unknown function worler; did you mean worker?'],
  ])('refuses %j in words', (custom, words) => {
    expect(() => readSettings(custom, NAMES)).toThrow(words);
  });
});
