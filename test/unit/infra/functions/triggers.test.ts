import { describe, expect, it } from 'vitest';
import type { RabbitmqEvent, Serverless } from '../../../../infra/functions/serverless.js';
import { readSettings, type Settings } from '../../../../infra/functions/settings.js';
import { collisionIn, findTriggers, refuseFilterPatterns, remarksOn } from '../../../../infra/functions/triggers.js';

const SETTINGS = readSettings({}, { functionKeys: [], queues: [] });
const WINDOW = { queue: 'long', maximumBatchingWindow: 300 };
const UNSET = {
  virtualHost: undefined,
  batchSize: 100,
  batchingWindowMs: 0,
  filterPatterns: [],
  retry: 'bounded',
  eventSourceArn: undefined,
};

type Functions = Readonly<Record<string, readonly Partial<RabbitmqEvent>[]>>;

function serviceOf(functions: Functions): Serverless {
  const naming = { getRabbitMQEventLogicalId: (key: string, queue: string) => key + queue.replace(/\W/g, '') };
  return {
    service: {
      getAllFunctions: () => Object.keys(functions),
      getFunction: (key: string) => ({ events: [{}, ...(functions[key] ?? []).map((rabbitmq) => ({ rabbitmq }))] }),
    },
    getProvider: () => ({ naming }),
  } as unknown as Serverless;
}

describe('the rabbitmq events of a service', () => {
  it('are found on every function, with the batch size of AWS; disabled ones are left out', () => {
    const service = serviceOf({
      one: [
        { queue: 'a', batchSize: 5 },
        { queue: 'b', enabled: false },
      ],
      two: [{ queue: 'a', arn: { Ref: 'Broker' }, virtualHost: 'v', maximumBatchingWindow: 1.5 }],
    });
    expect(findTriggers(service, SETTINGS)).toEqual([
      { ...UNSET, functionKey: 'one', queue: 'a', batchSize: 5 },
      { ...UNSET, functionKey: 'two', queue: 'a', virtualHost: 'v', batchingWindowMs: 1_500 },
    ]);
  });

  it('wait for a full batch only where they say so, or where AWS would and its timing is wanted', () => {
    const service = serviceOf({ f: [{ queue: 'unset' }, { queue: 'zero', maximumBatchingWindow: 0 }, WINDOW] });
    const windows = (timing: 'immediate' | 'aws') =>
      findTriggers(service, { ...SETTINGS, timing }).map(({ batchingWindowMs }) => batchingWindowMs);
    expect(windows('immediate')).toEqual([0, 0, 300_000]);
    expect(windows('aws')).toEqual([500, 500, 300_000]);
  });

  it('retry as the settings say, all alike or queue by queue', () => {
    const service = serviceOf({ f: [{ queue: 'a' }, { queue: 'b' }] });
    const retries = (retry: Settings['retry']) =>
      findTriggers(service, { ...SETTINGS, retry }).map((trigger) => trigger.retry);
    expect(retries('aws')).toEqual(['aws', 'aws']);
    expect(retries({ b: 'aws' })).toEqual(['bounded', 'aws']);
  });

  it('are refused with filter patterns that Lambda would refuse, by name', () => {
    const patterns = [{ data: { a: [{ wildcard: '*' }] } }];
    const service = serviceOf({ f: [{ queue: 'a', filterPatterns: patterns }] });
    expect(() => refuseFilterPatterns(findTriggers(service, SETTINGS))).toThrow(
      /^function f, queue "a": filterPatterns\[0\]\.data\.a\[0\]: unk/,
    );
  });

  it('may not become one resource in CloudFormation', () => {
    expect(collisionIn(serviceOf({ f: [{ queue: 'c.1' }], g: [{ queue: 'c1' }] }))).toBeUndefined();
    expect(collisionIn(serviceOf({ f: [{ queue: 'c.1' }, { queue: 'c1' }] }))).toMatch(/"c.1" and "c1"/);
  });

  it('are remarked on where AWS takes so many patterns only when asked', () => {
    const filterPatterns = [1, 2, 3, 4, 5, 6].map((n) => ({ data: { n: [n] } }));
    const service = serviceOf({
      f: [
        { queue: 'six', filterPatterns },
        { queue: 'five', filterPatterns: filterPatterns.slice(1) },
      ],
    });
    expect(remarksOn(service, findTriggers(service, SETTINGS))).toEqual([
      "f six: 6 filterPatterns; AWS takes 5 unless the account's quota is raised",
    ]);
  });
});
