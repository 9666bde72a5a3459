import { USUAL_PATTERNS } from '../../lib/lambda/filter-patterns.js';
import type { RabbitmqEvent } from '../serverless-offline-rabbitmq/serverless.js';
import { readSettings, type Settings } from '../serverless-offline-rabbitmq/settings.js';
import { findTriggers, queuesOf, type Trigger } from '../serverless-offline-rabbitmq/triggers.js';
import type { Service } from '../service-file/read-service.js';

/** One thing that a service will find otherwise on AWS, or that is often taken for other and is not. */
export interface Finding {
  /** Missing where it is about the whole service. */
  readonly function?: string;
  /** Where it is about one event of the function. */
  readonly queue?: string;
  readonly what: string;
  readonly differs: boolean;
  readonly here: string;
  readonly onAws: string;
  /** What can be done about it. */
  readonly advice?: string;
}

/**
 * What will differ on AWS for a service's `rabbitmq` events, as AWS documents its event source mappings for RabbitMQ (late
 * 2026): one execution environment per mapping, batches that fail are given again as a whole, no failure destination.
 * @throws Error where custom.rabbitmq or a filter pattern is wrong
 */
export function findDifferences(service: Service): readonly Finding[] {
  const functionKeys = service.service.getAllFunctions();
  const settings = readSettings(service.service.custom?.['rabbitmq'], { functionKeys, queues: queuesOf(service) });
  const triggers = findTriggers(service, settings);
  const served = [...new Set(triggers.map(({ functionKey }) => functionKey))];
  return [
    ...served.flatMap((functionKey) => [
      ...triggers
        .filter((trigger) => trigger.functionKey === functionKey)
        .flatMap((trigger) => ofEvent(trigger, eventOf(service, trigger), settings)),
      ...ofFunction(service, functionKey, triggers, settings),
    ]),
    ...(served.length === 0 ? [] : ofService(service, triggers, settings)),
  ];
}

function eventOf({ service }: Service, { functionKey, queue, virtualHost }: Trigger): RabbitmqEvent | undefined {
  const events = (service.getFunction(functionKey).events ?? []).flatMap(({ rabbitmq }) => rabbitmq ?? []);
  return events.find((event) => event.queue === queue && event.virtualHost === virtualHost);
}

function ofEvent(
  { functionKey, queue, retry, filterPatterns }: Trigger,
  event: RabbitmqEvent | undefined,
  { timing, changelog }: Settings,
): readonly Finding[] {
  const where = { function: functionKey, queue };
  const findings: Finding[] = [];
  if (retry === 'bounded') {
    findings.push(
      {
        ...where,
        what: 'a batch that fails',
        differs: true,
        here: 'tried again, then message by message; batchItemFailures count',
        onAws: 'given again as a whole until it succeeds or its messages expire; batchItemFailures are ignored',
        advice:
          'custom.rabbitmq.retry: aws shows it here; give messages an expiration, or catch what no retry can mend',
      },
      {
        ...where,
        what: 'a message refused with a reason',
        differs: true,
        here: 'dead-lettered',
        onAws: 'acknowledged and gone: there is no failure destination for RabbitMQ',
        advice: 'send it somewhere as an outgoing message',
      },
    );
    if (!changelog.includes(functionKey)) {
      findings.push({
        ...where,
        what: 'the first batch',
        differs: true,
        here: 'one message, until it is known that it kills no process',
        onAws: 'as full as any other',
      });
    }
  }
  if (!event?.maximumBatchingWindow && timing === 'immediate') {
    const zero = event?.maximumBatchingWindow === 0;
    findings.push({
      ...where,
      what: zero ? 'maximumBatchingWindow: 0' : 'no maximumBatchingWindow',
      differs: true,
      here: 'a batch waits for nothing',
      onAws: `a batch waits for up to 500 ms${zero ? ': the framework leaves a window of 0 out' : ''}`,
      advice: 'custom.rabbitmq.timing: aws shows it here',
    });
  }
  if (filterPatterns.length > USUAL_PATTERNS) {
    findings.push({
      ...where,
      what: `${filterPatterns.length} filterPatterns`,
      differs: true,
      here: 'up to ten are taken',
      onAws: 'five are taken; up to ten where AWS has raised the quota of the account',
      advice:
        'ask for a higher quota before you deploy, or join patterns: a list of rules matches where one of them does',
    });
  }
  if (filterPatterns.length > 0) {
    findings.push({
      ...where,
      what: 'filterPatterns',
      differs: false,
      here: 'what matches none is removed from the queue, and counted in the output',
      onAws: 'what matches none is removed from the queue, for everybody',
      advice: 'do not filter what another function should get from this queue',
    });
  }
  return findings;
}

function ofFunction(
  { service }: Service,
  functionKey: string,
  triggers: readonly Trigger[],
  { changelog }: Settings,
): readonly Finding[] {
  const where = { function: functionKey };
  const queues = triggers.filter((trigger) => trigger.functionKey === functionKey).length;
  const findings: Finding[] = [
    {
      ...where,
      what: 'concurrency',
      differs: false,
      here: 'one batch of a queue at a time',
      onAws: 'one execution environment per event source mapping, whatever its reserved concurrency',
    },
    {
      ...where,
      what: 'outgoing messages that it returns',
      differs: true,
      here: 'sent by the poller, confirmed before the batch is acknowledged',
      onAws: 'sent by queueFunction, before it answers; by nobody where the function is not made with it',
      ...(brokerOf(service, functionKey) === '' && {
        advice: 'AMQP_URL is empty for it: it must name the broker, or its batches fail there',
      }),
    },
  ];
  if (changelog.includes(functionKey)) {
    findings.push({
      ...where,
      what: 'its memory (context.store)',
      differs: true,
      here: 'kept in a stream beside each queue: it survives kill -9',
      onAws: 'lives and ends with the execution environment; queueFunction gives an empty one to each',
      advice: 'keep in a database what must not be lost',
    });
  }
  if (queues > 1) {
    findings.push({
      ...where,
      what: `${queues} queues on one function`,
      differs: true,
      here: 'each queue has a thread and a memory of its own',
      onAws: 'mappings share the environments of the function: what one remembers another may see, or none',
      advice: 'a function for each queue, or a database',
    });
  }
  return findings;
}

function brokerOf(service: Service['service'], functionKey: string): unknown {
  const own = service.getFunction(functionKey).environment?.['AMQP_URL'];
  return own ?? service.provider.environment?.['AMQP_URL'] ?? '';
}

/** Of AWS's own examples. */
const NO_ACCOUNT = ':000000000000:';

function ofService(service: Service, triggers: readonly Trigger[], settings: Settings): readonly Finding[] {
  const findings: Finding[] = [];
  if (settings.topology !== undefined) {
    findings.push({
      what: 'exchanges, queues and bindings',
      differs: true,
      here: 'declared by the module that custom.rabbitmq.topology names',
      onAws: 'declared by nobody: a mapping of a queue that is not there fails',
      advice: 'declare them on the broker before you deploy',
    });
  }
  const onlyHere = (['deadLetterLog', 'status', 'pages', 'demo'] as const).filter((name) => isSet(settings[name]));
  if (onlyHere.length > 0) {
    findings.push({
      what: onlyHere.join(', '),
      differs: true,
      here: 'as custom.rabbitmq says',
      onAws: 'without effect: the poller is another one',
    });
  }
  if (triggers.some((trigger) => trigger.eventSourceArn?.includes(NO_ACCOUNT))) {
    findings.push({
      what: 'arn',
      differs: true,
      here: 'of no account: any will do',
      onAws: "the broker's, with a secret in basicAuthArn",
      advice: 'name both before you deploy',
    });
  }
  const runtime = service.service.provider.runtime ?? 'nodejs22.x';
  if (runtime !== `nodejs${process.versions.node.split('.')[0]}.x`) {
    findings.push({ what: 'runtime', differs: true, here: `Node ${process.versions.node}`, onAws: runtime });
  }
  return findings;
}

function isSet(setting: unknown): boolean {
  return typeof setting === 'object' && setting !== null ? Object.keys(setting).length > 0 : setting !== undefined;
}
