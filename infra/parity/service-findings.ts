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
      onAws: 'not declared: a mapping of a missing queue fails',
      advice: 'declare them on the broker before you deploy, except streams',
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
      onAws: 'Amazon MQ has no streams: creating one there loses data',
      advice:
        'do not declare them there; keep memory in a database, and use your own broker for the changelog, the dead-letter log and pages',
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
      what: 'queues without a type',
      differs: true,
      here: `classic on the private broker${untyped.length === 0 ? '' : `: ${untyped.join(', ')}`}`,
      onAws: 'quorum on Amazon MQ for RabbitMQ 4.2 and newer, classic on older ones',
      advice: 'name x-queue-type',
    },
  ];
}

/** Settings that also matter on AWS, or that are reported elsewhere. */
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
      here: 'as set in custom.rabbitmq',
      onAws: 'no effect: AWS has its own poller',
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
      here: 'not checked: any value works',
      onAws: "the broker's, with a secret in basicAuthArn",
      advice: 'set both before you deploy',
    },
  ];
}
