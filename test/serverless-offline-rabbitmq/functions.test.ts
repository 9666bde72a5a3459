import { describe, expect, it } from 'vitest';
import { findTriggers, refuseCollisions } from '../../infra/serverless-offline-rabbitmq/functions.js';
import type { RabbitmqEvent, Serverless } from '../../infra/serverless-offline-rabbitmq/serverless.js';

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
      two: [{ queue: 'a', arn: { Ref: 'Broker' }, virtualHost: 'v', maximumBatchingWindow: 1 }],
    });
    const unset = { virtualHost: undefined, eventSourceArn: undefined, withoutEffect: [] };
    expect(findTriggers(service)).toEqual([
      { ...unset, functionKey: 'one', queue: 'a', batchSize: 5 },
      {
        ...unset,
        functionKey: 'two',
        queue: 'a',
        batchSize: 100,
        virtualHost: 'v',
        withoutEffect: ['maximumBatchingWindow'],
      },
    ]);
  });

  it('may not become one resource in CloudFormation', () => {
    expect(() => refuseCollisions(serviceOf({ f: [{ queue: 'c.1' }], g: [{ queue: 'c1' }] }))).not.toThrow();
    expect(() => refuseCollisions(serviceOf({ f: [{ queue: 'c.1' }, { queue: 'c1' }] }))).toThrow(/"c.1" and "c1"/);
  });
});
