import { isStream } from '../../lib/rabbitmq/topology/topology.js';
import type { Settings } from '../functions/settings.js';
import type { ServiceTopology } from '../functions/topology-schema.js';
import type { Trigger } from '../functions/triggers.js';
import type { Service } from '../service-file/read-service.js';
import { type Finding, NO_ACCOUNT } from './finding.js';

/** About the service as a whole. */
export function ofService(
  { service }: Service,
  triggers: readonly Trigger[],
  settings: Settings,
  topologies: readonly ServiceTopology[],
): readonly Finding[] {
  return [
    ...ofDeclarations(settings),
    ...ofStreams(settings, topologies),
    ...ofQueueTypes(settings, topologies),
    ...ofLocalSettings(service.custom?.['rabbitmq']),
    ...ofArn(triggers),
  ];
}

function ofDeclarations({ topology, declareQueues }: Settings): Finding[] {
  if (topology === undefined && !declareQueues) return [];
  const by =
    topology === undefined ? 'custom.rabbitmq.declareQueues' : 'the module that custom.rabbitmq.topology names';
  return [
    {
      what: 'exchanges, queues and bindings',
      differs: true,
      here: `declared by ${by}`,
      onAws: 'declared by nobody: a mapping of a queue that is not there fails',
      advice: 'declare them on the broker before you deploy, but for streams',
    },
  ];
}

/** https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html */
function ofStreams({ changelog, deadLetterLog }: Settings, topologies: readonly ServiceTopology[]): Finding[] {
  const declared = topologies.flatMap(({ queues }) => queues.filter(isStream).map(({ name }) => name));
  const wanted = [
    ...changelog.map((functionKey) => `the changelog of ${functionKey}`),
    ...new Set([...declared, ...(deadLetterLog === undefined ? [] : [deadLetterLog])]),
  ];
  if (wanted.length === 0) return [];
  return [
    {
      what: 'streams',
      differs: true,
      here: `used: ${wanted.join(', ')}`,
      onAws: 'Amazon MQ has no streams: to create one there loses data',
      advice:
        'do not declare them there; keep memory in a database, and use a broker of your own for the changelog, the dead-letter log and pages',
    },
  ];
}

function ofQueueTypes({ declareQueues }: Settings, topologies: readonly ServiceTopology[]): Finding[] {
  const untyped = topologies.flatMap(({ queues }) =>
    queues.filter((queue) => queue.arguments?.['x-queue-type'] === undefined).map(({ name }) => name),
  );
  if (untyped.length === 0 && !declareQueues) return [];
  return [
    {
      what: 'queues that name no type',
      differs: true,
      here: `classic on the private broker${untyped.length === 0 ? '' : `: ${untyped.join(', ')}`}`,
      onAws: 'quorum on Amazon MQ for RabbitMQ 4.2 and newer, classic on older ones',
      advice: 'name x-queue-type',
    },
  ];
}

/** What is read on AWS as well, or is told of elsewhere. */
const TOLD_ELSEWHERE = new Set(['topology', 'declareQueues', 'changelog', 'retry', 'timing']);

function ofLocalSettings(custom: unknown): Finding[] {
  const onlyHere = Object.entries((custom ?? {}) as Record<string, unknown>)
    .filter(([name, value]) => !TOLD_ELSEWHERE.has(name) && isSet(value))
    .map(([name]) => name);
  if (onlyHere.length === 0) return [];
  return [
    {
      what: onlyHere.join(', '),
      differs: true,
      here: 'as custom.rabbitmq says',
      onAws: 'without effect: the poller is another one',
    },
  ];
}

function isSet(setting: unknown): boolean {
  return typeof setting === 'object' && setting !== null ? Object.keys(setting).length > 0 : setting !== undefined;
}

function ofArn(triggers: readonly Trigger[]): Finding[] {
  if (!triggers.some((trigger) => trigger.eventSourceArn?.split(':')[4] === NO_ACCOUNT)) return [];
  return [
    {
      what: 'arn',
      differs: true,
      here: 'of no account: any will do',
      onAws: "the broker's, with a secret in basicAuthArn",
      advice: 'name both before you deploy',
    },
  ];
}
