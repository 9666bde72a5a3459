import { USUAL_PATTERNS } from '../../lib/lambda/event/filter-patterns.js';
import { placeOf } from '../functions/functions.js';
import type { RabbitmqEvent } from '../functions/serverless.js';
import type { Settings } from '../functions/settings.js';
import type { Trigger } from '../functions/triggers.js';
import type { Service } from '../service-file/read-service.js';
import { type Finding, NO_ACCOUNT } from './finding.js';

/** About one `rabbitmq` event. */
export function ofEvent(
  service: Service,
  trigger: Trigger,
  all: readonly Trigger[],
  { timing, changelog }: Settings,
): readonly Finding[] {
  const { functionKey, queue, filterPatterns } = trigger;
  const event = eventOf(service, trigger);
  const where = { function: functionKey, queue };
  const findings: Finding[] = [...elsewhere(service, trigger), ...shared(trigger, all), ...ofRetry(trigger, changelog)];
  if (!event?.maximumBatchingWindow && timing === 'immediate') {
    const zero = event?.maximumBatchingWindow === 0;
    findings.push({
      ...where,
      what: zero ? 'maximumBatchingWindow: 0' : 'no maximumBatchingWindow',
      differs: true,
      here: 'a batch does not wait',
      onAws: `a batch waits for up to 500 ms${zero ? ': the framework omits a window of 0' : ''}`,
      advice: 'custom.rabbitmq.timing: aws does the same here',
    });
  }
  if (filterPatterns.length > USUAL_PATTERNS) {
    findings.push({
      ...where,
      what: `${filterPatterns.length} filterPatterns`,
      differs: true,
      here: 'up to ten are accepted',
      onAws: 'five are accepted; up to ten if AWS has raised the quota of the account',
      advice:
        'request a higher quota before you deploy, or merge patterns: a list of rules matches if one of them does',
    });
  }
  if (filterPatterns.length > 0) {
    findings.push({
      ...where,
      what: 'filterPatterns',
      differs: false,
      here: 'messages that match none are removed from the queue, and counted in the output',
      onAws: 'messages that match none are removed from the queue, for everyone',
      advice: 'do not filter out messages that another function should get from this queue',
    });
  }
  return findings;
}

/** How a batch that fails is handled. */
function ofRetry({ functionKey, queue, retry }: Trigger, changelog: readonly string[]): readonly Finding[] {
  if (retry !== 'bounded') return [];
  const where = { function: functionKey, queue, differs: true };
  const findings: Finding[] = [
    {
      ...where,
      what: 'a batch that fails',
      here: 'tried again, then message by message; batchItemFailures counts',
      onAws: 'tried again as a whole until it succeeds or its messages expire; batchItemFailures is ignored',
      advice:
        'custom.rabbitmq.retry: aws does the same here; give messages an expiration, or catch errors that no retry can fix',
    },
    {
      ...where,
      what: 'a message refused with a reason',
      here: 'dead-lettered; kept and tried again if the queue names no dead-letter exchange',
      onAws: 'acknowledged and gone: there is no failure destination for RabbitMQ',
      advice: 'send it somewhere as an outgoing message',
    },
  ];
  if (changelog.includes(functionKey)) return findings;
  const first = {
    ...where,
    what: 'the first batch',
    here: 'one message, until one has been handled without killing the process',
    onAws: 'as full as any other',
  };
  return [...findings, first];
}

function eventOf({ service }: Service, { functionKey, queue, virtualHost }: Trigger): RabbitmqEvent | undefined {
  const events = (service.getFunction(functionKey).events ?? []).flatMap(({ rabbitmq }) => rabbitmq ?? []);
  return events.find((event) => event.queue === queue && event.virtualHost === virtualHost);
}

/** The broker must be where the function is. */
function elsewhere(service: Service, { functionKey, queue, eventSourceArn = '' }: Trigger): Finding[] {
  const { region, account } = placeOf(service, service.service.getFunction(functionKey));
  const [, , , brokerRegion, brokerAccount] = eventSourceArn.split(':');
  const differing = (
    [
      ['region', region, brokerRegion],
      ['account', account, brokerAccount],
    ] as const
  ).filter(([, own, brokers]) => own !== undefined && brokers && own !== brokers && brokers !== NO_ACCOUNT);
  return differing.map(([what, own, brokers]) => ({
    function: functionKey,
    queue,
    what: `a broker in another ${what}`,
    differs: true,
    here: 'any broker works',
    onAws: `the mapping is refused: the function is in ${what} ${own}, the broker in ${brokers}`,
    advice: `deploy both in one ${what}`,
  }));
}

function shared({ functionKey, queue, virtualHost }: Trigger, all: readonly Trigger[]): Finding[] {
  const others = all.filter(
    (other) => other.functionKey !== functionKey && other.queue === queue && other.virtualHost === virtualHost,
  );
  if (others.length === 0) return [];
  return [
    {
      function: functionKey,
      queue,
      what: `${others.length + 1} functions on one queue`,
      differs: false,
      here: 'they share its messages: each message goes to one of them',
      onAws: 'the same',
      advice: 'if each should get every message: a queue for each function, bound to the same exchange',
    },
  ];
}
