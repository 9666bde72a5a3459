import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';
import {
  BILLING_EVENTS,
  CUSTOMER_APP_EVENTS,
  customerQueue,
  DEAD_LETTER_LOG,
  SHOPPING_EVENTS_EXCHANGE,
  WORKER_QUEUES,
  WORKER_STATUS,
  workerOf,
} from '../../../lib/shop/domain/topology.js';

/** Which program consumes which queue, and publishes to which exchange or queue. */
interface Actor {
  readonly name: string;
  readonly from?: string;
  readonly to: readonly string[];
}

/** The programs of the shop around its broker. */
export function actorsFor(customers: readonly string[]): readonly Actor[] {
  return [
    { name: 'shopping sensor', to: [SHOPPING_EVENTS_EXCHANGE] },
    ...WORKER_QUEUES.map((queue) => ({
      name: workerOf(queue),
      from: queue,
      to: [CUSTOMER_APP_EVENTS, BILLING_EVENTS, DEAD_LETTER_LOG, WORKER_STATUS],
    })),
    ...customers.map((customer) => ({ name: `app of ${customer}`, from: customerQueue(customer), to: [] })),
  ];
}

/**
 * Draws a topology and its users as a Mermaid flowchart: exchanges are hexagons, queues are cylinders. An exchange with the name
 * of the queue that it leads to is drawn as that queue.
 */
export function drawMermaid(topology: Topology, actors: readonly Actor[]): string {
  const { queues } = topology;
  const exchanges = topology.exchanges.filter(({ name }) => queues.every((queue) => queue.name !== name));
  const bindings = topology.bindings.filter(({ exchange, queue }) => exchange !== queue);
  const ids = new Map([...exchanges, ...queues].map(({ name }, index) => [name, `n${index}`]));
  const id = (name: string): string => ids.get(name) ?? 'unknown';
  const lines = [
    ...exchanges.map(({ name, type }) => `${id(name)}{{"${quoted(name)}<br>${type}"}}`),
    ...queues.map(({ name }) => `${id(name)}[("${quoted(name)}")]`),
    ...actors.map(({ name }, index) => `a${index}(["${quoted(name)}"])`),
    ...bindings.map(({ exchange, queue, routingKey }) => `${id(exchange)} ${arrow(routingKey)} ${id(queue)}`),
    ...queues.flatMap(({ name, arguments: args }) => {
      const deadLetters = args?.['x-dead-letter-exchange'];
      return typeof deadLetters === 'string' ? [`${id(name)} -. rejected .-> ${id(deadLetters)}`] : [];
    }),
    ...actors.flatMap(({ from, to }, index) => [
      ...(from === undefined ? [] : [`${id(from)} --> a${index}`]),
      ...to.map((target) => `a${index} --> ${id(target)}`),
    ]),
  ];
  return ['flowchart LR', ...lines.map((line) => `  ${line}`)].join('\n');
}

function arrow(routingKey: string): string {
  return routingKey === '' ? '-->' : `-- "${quoted(routingKey)}" -->`;
}

/** Names come from outside; Mermaid understands entities, and nothing else may end the text. */
function quoted(text: string): string {
  return text.replace(/["#<>&]/g, (character) => `#${character.charCodeAt(0)};`);
}
