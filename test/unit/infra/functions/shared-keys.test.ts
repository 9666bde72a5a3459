import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../../infra/functions/settings.js';
import { sharedKeysOf } from '../../../../infra/functions/shared-keys.js';
import type { Trigger } from '../../../../infra/functions/triggers.js';

const QUORUM = { 'x-queue-type': 'quorum' };
const TOPOLOGIES = [
  {
    exchanges: [{ name: 'tallies', type: 'x-consistent-hash', durable: true }],
    queues: [{ name: 'tally-1', durable: true, arguments: QUORUM }],
    bindings: [
      { exchange: 'tallies', queue: 'tally-1', routingKey: '3' },
      { exchange: 'all', queue: 'tally-1', routingKey: '#' },
    ],
  },
];
const NAMES = { functionKeys: ['tally', 'other'], queues: ['tally-1', 'tally-2', 'else'] };
const SETTINGS = readSettings({ changelog: ['tally'], rescale: { tally: 'tallies' } }, NAMES);

function trigger(functionKey: string, queue: string, virtualHost?: string): Trigger {
  return {
    functionKey,
    queue,
    virtualHost,
    batchSize: 1,
    batchingWindowMs: 0,
    filterPatterns: [],
    retry: 'bounded',
    eventSourceArn: undefined,
  };
}

const ALL = [trigger('tally', 'tally-1'), trigger('tally', 'tally-2'), trigger('other', 'else')] as const;

describe('the keys that queues of a function share', () => {
  it('are bound by the runner with the weight of the topology, which keeps the other bindings', () => {
    expect(sharedKeysOf(ALL[0], ALL, TOPOLOGIES, SETTINGS)).toEqual({
      rescale: { exchange: 'tallies', weight: 3, known: ['tally-1', 'tally-2'] },
      topology: {
        exchanges: [],
        queues: [{ name: 'tally-1', durable: true, arguments: QUORUM }],
        bindings: [{ exchange: 'all', queue: 'tally-1', routingKey: '#' }],
      },
    });
  });

  it('come to a queue that the topology does not name, which is declared like the others', () => {
    expect(sharedKeysOf(ALL[1], ALL, TOPOLOGIES, SETTINGS)).toMatchObject({
      rescale: { weight: 1 },
      topology: { queues: [{ name: 'tally-2', durable: true, arguments: QUORUM }], bindings: [] },
    });
  });

  it('are those of one virtual host, and of functions that say so', () => {
    expect(sharedKeysOf(trigger('tally', 'tally-1', 'staging'), ALL, TOPOLOGIES, SETTINGS)).toMatchObject({
      rescale: { known: [] },
      topology: { queues: [] },
    });
    expect(sharedKeysOf(ALL[2], ALL, TOPOLOGIES, SETTINGS)).toBeUndefined();
  });

  it('need a changelog', () => {
    expect(() => readSettings({ rescale: { tally: 'tallies' } }, NAMES)).toThrow(
      'custom.rabbitmq.rescale: tally must also be in custom.rabbitmq.changelog',
    );
    expect(() => readSettings({ changelog: ['tally'], rescale: { taly: 'tallies' } }, NAMES)).toThrow(
      'custom.rabbitmq.rescale: unknown function taly; did you mean tally?',
    );
  });
});
