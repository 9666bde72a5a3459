import { describe, expect, it } from 'vitest';
import { type Finding, findDifferences } from '../../infra/parity/findings.js';
import type { FunctionDefinition, RabbitmqEvent } from '../../infra/serverless-offline-rabbitmq/serverless.js';

const ARN = 'arn:aws:mq:eu-central-1:123456789012:broker:b:b-1';

function findingsOf(
  events: readonly Partial<RabbitmqEvent>[],
  rabbitmq: object = {},
  environment: Record<string, string> = { AMQP_URL: 'amqps://broker' },
): readonly Finding[] {
  const definition: FunctionDefinition = {
    name: 's-dev-f',
    handler: 'f.handler',
    events: events.map((event) => ({ rabbitmq: { arn: ARN, queue: 'orders', ...event } })),
  };
  return findDifferences({
    serviceDir: '.',
    config: { servicePath: '.' },
    service: {
      custom: { rabbitmq },
      provider: { runtime: `nodejs${process.versions.node.split('.')[0]}.x`, environment },
      getAllFunctions: () => ['f', 'http'],
      getFunction: (key) => (key === 'f' ? definition : { name: 'http', handler: 'h.handler' }),
    },
  });
}

const named = (findings: readonly Finding[]) => findings.map(({ what, differs }) => (differs ? what : `= ${what}`));

describe('what will differ on AWS', () => {
  it('is told of a plain event', () => {
    expect(named(findingsOf([{}]))).toEqual([
      'a batch that fails',
      'a message refused with a reason',
      'the first batch',
      'no maximumBatchingWindow',
      '= concurrency',
      'outgoing messages that it returns',
    ]);
  });

  it('is little where the settings are those of AWS', () => {
    expect(named(findingsOf([{}], { retry: 'aws', timing: 'aws' }))).toEqual([
      '= concurrency',
      'outgoing messages that it returns',
    ]);
    expect(named(findingsOf([{ maximumBatchingWindow: 2 }], { retry: { orders: 'aws' } }))).not.toContain(
      'no maximumBatchingWindow',
    );
  });

  it('is told of memory, of several mappings of one function, and of filters', () => {
    const findings = findingsOf([{ filterPatterns: [{ data: { a: [1] } }] }, { queue: 'returns' }], {
      changelog: ['f'],
    });
    expect(named(findings)).toEqual(
      expect.arrayContaining(['its memory (context.store)', '2 queues on one function', '= filterPatterns']),
    );
    expect(findings.find(({ what }) => what === 'filterPatterns')).toMatchObject({ function: 'f', queue: 'orders' });
    expect(named(findings)).not.toContain('the first batch');
  });

  it('is told of a window of 0, which the framework leaves out', () => {
    const zero = findingsOf([{ maximumBatchingWindow: 0 }]).find(({ what }) => what === 'maximumBatchingWindow: 0');
    expect(zero?.onAws).toContain('leaves a window of 0 out');
  });

  it('is told of what only this machine has, and of what a deployment still needs', () => {
    const local = { topology: 't.js', deadLetterLog: 'log', status: { f: 'x' } };
    const findings = findingsOf([{ arn: ARN.replace('123456789012', '000000000000') }], local, {});
    expect(named(findings)).toEqual(
      expect.arrayContaining(['exchanges, queues and bindings', 'deadLetterLog, status', 'arn']),
    );
    expect(findings.find(({ what }) => what.startsWith('outgoing'))?.advice).toContain('AMQP_URL is empty');
    expect(findingsOf([{}]).find(({ what }) => what.startsWith('outgoing'))?.advice).toBeUndefined();
  });

  it('is nothing for events that are not served, and an error where a setting is wrong', () => {
    expect(findingsOf([{ enabled: false }])).toEqual([]);
    expect(() => findingsOf([{}], { retri: 'aws' })).toThrow('did you mean retry?');
  });
});
