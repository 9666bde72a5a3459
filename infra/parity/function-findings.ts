import { limitsOf, NO_CALLBACKS, nodeVersion, runtimeOf } from '../functions/functions.js';
import type { FunctionDefinition } from '../functions/serverless.js';
import type { Settings } from '../functions/settings.js';
import type { Trigger } from '../functions/triggers.js';
import type { Service } from '../service-file/read-service.js';
import type { Finding } from './finding.js';

/** About a function, whichever of its events. */
export function ofFunction(
  serviceFile: Service,
  functionKey: string,
  { length: queues }: readonly Trigger[],
  { changelog }: Settings,
): readonly Finding[] {
  const { service } = serviceFile;
  const where = { function: functionKey };
  const findings: Finding[] = [
    ...ofTimeout(serviceFile, functionKey),
    ...ofRuntime(serviceFile, functionKey),
    ...ofAsyncSettings(service.getFunction(functionKey), where),
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
      onAws: 'sent by queueFunction before it answers; not sent at all if the function does not use it',
      ...(brokerOf(service, functionKey) === '' && {
        advice: 'its AMQP_URL is empty: set it to the broker, or its batches fail there',
      }),
    },
  ];
  if (changelog.includes(functionKey)) {
    findings.push({
      ...where,
      what: 'its memory (context.store)',
      differs: true,
      here: 'kept in a stream next to each queue: it survives kill -9',
      onAws: 'lost with the execution environment; queueFunction gives each an empty one',
      advice: 'keep durable state in a database',
    });
  }
  if (queues > 1) {
    findings.push({
      ...where,
      what: `${queues} queues on one function`,
      differs: true,
      here: 'each queue has a thread and a memory of its own',
      onAws: "mappings share the function's environments: what one remembers, another may see, or none",
      advice: 'a function for each queue, or a database',
    });
  }
  return findings;
}

function brokerOf(service: Service['service'], functionKey: string): unknown {
  const own = service.getFunction(functionKey).environment?.['AMQP_URL'];
  return own ?? service.provider.environment?.['AMQP_URL'] ?? '';
}

/** For functions that are fed by Amazon MQ; Lambda's own limit is 15. */
const LONGEST_S = 14 * 60;

function ofTimeout(service: Service, functionKey: string): Finding[] {
  const seconds = limitsOf(service, service.service.getFunction(functionKey)).timeoutMs / 1000;
  if (seconds <= LONGEST_S) return [];
  return [
    {
      function: functionKey,
      what: `a timeout of ${seconds} s`,
      differs: true,
      here: 'as configured',
      onAws: 'a function that is fed by Amazon MQ may take at most 14 minutes (840 s)',
      advice: 'let it do less at a time with a smaller batchSize',
    },
  ];
}

/** The oldest version that AWS still maintains: Node 20 reached its end of life in April 2026. */
const MAINTAINED = 22;

function ofRuntime(service: Service, functionKey: string): Finding[] {
  const runtime = runtimeOf(service, service.service.getFunction(functionKey));
  const version = nodeVersion(runtime);
  const findings: Finding[] = [];
  if (version === undefined) {
    return [
      {
        function: functionKey,
        what: `runtime ${runtime}`,
        differs: true,
        here: 'the function is not served: only Node.js functions are',
        onAws: 'served',
      },
    ];
  }
  if (version !== Number(process.versions.node.split('.')[0])) {
    findings.push({
      function: functionKey,
      what: 'runtime',
      differs: true,
      here: `Node ${process.versions.node}`,
      onAws: runtime,
    });
  }
  if (version < MAINTAINED) {
    findings.push({
      function: functionKey,
      what: `runtime ${runtime} is deprecated`,
      differs: true,
      here: 'runs anyway',
      onAws: 'no longer patched; AWS stops allowing such functions to be created, then updated',
      advice: `runtime: nodejs${MAINTAINED}.x or newer`,
    });
  }
  if (version >= NO_CALLBACKS) {
    findings.push({
      function: functionKey,
      what: 'callbacks, context.done, succeed and fail',
      differs: true,
      here: 'they work; a log line names a handler that declares a callback',
      onAws: `${runtime} does not load a handler with three parameters (Runtime.CallbackHandlerDeprecated); its context has neither these nor callbackWaitsForEmptyEventLoop`,
      advice: 'make the handler async',
    });
  }
  return findings;
}

const ASYNC_SETTINGS = ['destinations', 'onError', 'maximumRetryAttempts', 'maximumEventAge'] as const;

/** What Lambda applies to asynchronous invocations, which event source mappings are not. */
function ofAsyncSettings(definition: FunctionDefinition, where: { readonly function: string }): Finding[] {
  const set = ASYNC_SETTINGS.filter((name) => definition[name] !== undefined);
  if (set.length === 0) return [];
  return [
    {
      ...where,
      what: set.join(', '),
      differs: false,
      here: 'no effect for rabbitmq events',
      onAws: 'no effect: Lambda applies it to asynchronous invocations only',
      advice: 'give the queue a dead-letter exchange, and messages an expiration',
    },
  ];
}
