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

/** Of functions that Amazon MQ feeds; Lambda's own is 15. */
const LONGEST_S = 14 * 60;

function ofTimeout(service: Service, functionKey: string): Finding[] {
  const seconds = limitsOf(service, service.service.getFunction(functionKey)).timeoutMs / 1000;
  if (seconds <= LONGEST_S) return [];
  return [
    {
      function: functionKey,
      what: `a timeout of ${seconds} s`,
      differs: true,
      here: 'as it says',
      onAws: 'a function that Amazon MQ feeds may take 14 minutes (840 s) at most',
      advice: 'let it do less at a time: a smaller batchSize',
    },
  ];
}

/** The oldest that AWS still maintains: Node 20 came to its end in April 2026. */
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
        here: 'the function is not served: only Node.js is',
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
      here: 'runs all the same',
      onAws: 'not patched any more; AWS stops letting such functions be created, then updated',
      advice: `runtime: nodejs${MAINTAINED}.x or newer`,
    });
  }
  if (version >= NO_CALLBACKS) {
    findings.push({
      function: functionKey,
      what: 'callbacks, context.done, succeed and fail',
      differs: true,
      here: 'they work, and a handler that declares a callback is named when it is loaded',
      onAws: `${runtime} does not load a handler with three parameters (Runtime.CallbackHandlerDeprecated); its context has neither these nor callbackWaitsForEmptyEventLoop`,
      advice: 'make the handler async',
    });
  }
  return findings;
}

const ASYNC_SETTINGS = ['destinations', 'onError', 'maximumRetryAttempts', 'maximumEventAge'] as const;

/** What Lambda heeds where it is invoked asynchronously, which an event source mapping does not. */
function ofAsyncSettings(definition: FunctionDefinition, where: { readonly function: string }): Finding[] {
  const set = ASYNC_SETTINGS.filter((name) => definition[name] !== undefined);
  if (set.length === 0) return [];
  return [
    {
      ...where,
      what: set.join(', '),
      differs: false,
      here: 'without effect for rabbitmq events',
      onAws: 'without effect for them: Lambda heeds it for asynchronous invocations only',
      advice: 'give the queue a dead-letter exchange, and messages an expiration',
    },
  ];
}
