import { describe, expect, it } from 'vitest';
import type { FunctionDefinition, RabbitmqEvent } from '../../../../infra/functions/serverless.js';
import type { ServiceTopology } from '../../../../infra/functions/topology-schema.js';
import type { Finding } from '../../../../infra/parity/finding.js';
import { parityFindings } from '../../../../infra/parity/findings.js';

const ARN = 'arn:aws:mq:eu-central-1:123456789012:broker:b:b-1';

interface More {
  readonly environment?: Record<string, string>;
  readonly definition?: Partial<FunctionDefinition>;
  readonly provider?: object;
  readonly others?: Readonly<Record<string, FunctionDefinition>>;
  readonly topologies?: readonly ServiceTopology[];
}

function findingsOf(
  events: readonly Partial<RabbitmqEvent>[],
  rabbitmq: object = {},
  more: More = {},
): readonly Finding[] {
  const { environment = { AMQP_URL: 'amqps://broker' }, definition, provider, others, topologies } = more;
  const functions: Readonly<Record<string, FunctionDefinition>> = {
    f: { name: 's-dev-f', handler: 'f.handler', events: eventsOf(events), ...definition },
    http: { name: 'http', handler: 'h.handler' },
    ...others,
  };
  const service = {
    serviceDir: '.',
    config: { servicePath: '.' },
    service: {
      custom: { rabbitmq },
      provider: { runtime: 'nodejs22.x', environment, ...provider },
      getAllFunctions: () => Object.keys(functions),
      getFunction: (key: string) => functions[key] as FunctionDefinition,
    },
  };
  return parityFindings(service, topologies);
}

function eventsOf(events: readonly Partial<RabbitmqEvent>[]): { readonly rabbitmq: RabbitmqEvent }[] {
  return events.map((event) => ({ rabbitmq: { arn: ARN, queue: 'orders', ...event } }));
}

const named = (findings: readonly Finding[]) =>
  findings
    // For the Node.js version that the tests run on.
    .filter(({ what }) => what !== 'runtime')
    .map(({ what, differs }) => (differs ? what : `= ${what}`));

const told = (findings: readonly Finding[], what: string) => findings.find((finding) => finding.what === what);

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
    expect(zero?.onAws).toContain('omits a window of 0');
  });

  it('is told of what only this machine has, and of what a deployment still needs', () => {
    const local = { topology: 't.js', deadLetterLog: 'log', status: { f: 'x' } };
    const findings = findingsOf([{ arn: ARN.replace('123456789012', '000000000000') }], local, { environment: {} });
    expect(named(findings)).toEqual(
      expect.arrayContaining(['exchanges, queues and bindings', 'deadLetterLog, status', 'arn']),
    );
    expect(findings.find(({ what }) => what.startsWith('outgoing'))?.advice).toContain('AMQP_URL is empty');
    expect(findingsOf([{}]).find(({ what }) => what.startsWith('outgoing'))?.advice).toBeUndefined();
  });

  it('is told of a function that Amazon MQ cannot feed as it is', () => {
    const asyncSettings = { destinations: {}, onError: 'arn', maximumRetryAttempts: 2, maximumEventAge: 60 };
    const findings = findingsOf([{}], {}, { definition: { timeout: 841, ...asyncSettings } });
    expect(told(findings, 'a timeout of 841 s')?.onAws).toContain('14 minutes');
    expect(told(findings, 'destinations, onError, maximumRetryAttempts, maximumEventAge')?.onAws).toContain(
      'no effect',
    );
    const longest = findingsOf([{}], {}, { definition: { timeout: 840 } });
    expect(named(longest).filter((what) => what.startsWith('a timeout'))).toEqual([]);
  });

  it.each([
    ['nodejs20.x', ['runtime nodejs20.x is deprecated']],
    ['nodejs22.x', []],
    ['nodejs24.x', ['callbacks, context.done, succeed and fail']],
    ['python3.13', ['runtime python3.13']],
  ])('is told of runtime %s', (runtime, expected) => {
    const whats = named(findingsOf([{}], {}, { definition: { runtime } }));
    expect(whats.filter((what) => /^runtime |^callbacks/.test(what))).toEqual(expected);
  });

  it('is told of a broker that is not where the function is', () => {
    const role = 'arn:aws:iam::999999999999:role/r';
    const elsewhere = findingsOf([{}], {}, { provider: { region: 'us-east-1', iam: { role } } });
    expect(told(elsewhere, 'a broker in another region')?.onAws).toContain(
      'in region us-east-1, the broker in eu-central-1',
    );
    expect(named(elsewhere)).toContain('a broker in another account');
    const beside = findingsOf([{}], {}, { provider: { region: 'eu-central-1' } });
    expect(named(beside).filter((what) => what.startsWith('a broker'))).toEqual([]);
  });

  it('is told of two functions on one queue, in the same virtual host', () => {
    const other = (virtualHost?: string) => ({
      others: {
        g: { name: 's-dev-g', handler: 'g.handler', events: eventsOf([{ ...(virtualHost && { virtualHost }) }]) },
      },
    });
    expect(named(findingsOf([{}], {}, other()))).toContain('= 2 functions on one queue');
    expect(named(findingsOf([{}], {}, other('tenant-a')))).not.toContain('= 2 functions on one queue');
  });

  it('is told of streams, which Amazon MQ lacks, and of queues without a type', () => {
    const stream = { name: 'log', durable: true, arguments: { 'x-queue-type': 'stream' } };
    const queues = [stream, { name: 'plain', durable: true }];
    const topologies = [{ exchanges: [], queues, bindings: [] }];
    const findings = findingsOf([{}], { topology: 't.js', changelog: ['f'], deadLetterLog: 'log' }, { topologies });
    expect(told(findings, 'streams')).toMatchObject({
      here: 'used: the changelog of f, log',
      onAws: expect.stringContaining('Amazon MQ has no streams'),
    });
    expect(told(findings, 'queues without a type')?.here).toContain('plain');
    expect(named(findingsOf([{}], { declareQueues: true }))).toContain('queues without a type');
    expect(named(findingsOf([{}]))).not.toContain('streams');
  });

  it('is told of every setting that only this machine has', () => {
    expect(named(findingsOf([{}], { prefetch: 10, attempts: 9, brokerFolder: '.b' }))).toContain(
      'prefetch, attempts, brokerFolder',
    );
  });

  it('is told of more patterns than AWS takes without being asked', () => {
    const filterPatterns = [1, 2, 3, 4, 5, 6].map((n) => ({ data: { n: [n] } }));
    expect(named(findingsOf([{ filterPatterns }]))).toContain('6 filterPatterns');
    expect(named(findingsOf([{ filterPatterns: filterPatterns.slice(1) }]))).not.toContain('5 filterPatterns');
  });

  it('is nothing for events that are not served, and an error where a setting is wrong', () => {
    expect(findingsOf([{ enabled: false }])).toEqual([]);
    expect(() => findingsOf([{}], { retri: 'aws' })).toThrow('did you mean retry?');
  });
});
