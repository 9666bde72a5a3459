import { changelogOf } from '../../../lib/rabbitmq/changelog/stream.js';
import { handoverQueueOf } from '../../../lib/rabbitmq/rescale/rescale-message.js';
import { rescaleStreamOf } from '../../../lib/rabbitmq/rescale/rescale-reader.js';
import {
  BILLING_EVENTS,
  CUSTOMER_APP_EVENTS,
  customerQueue,
  DEAD_LETTER_EXCHANGE,
  DEAD_LETTER_LOG,
  DEAD_LETTER_QUEUE,
  SHOPPING_EVENTS_EXCHANGE,
  WORKER_STATUS,
} from '../../../lib/shop/domain/topology.js';
import { ALARM_PROBE, CUSTOMER_STREAM } from '../../../lib/shop/floor/streams.js';

/** The parts that need a user of their own on a shared broker. */
export const ROLES = ['sensor', 'worker', 'customer', 'till', 'pages-looking', 'pages-acting', 'operator'] as const;

export type RoleName = (typeof ROLES)[number];

/** The exchanges and queues that a user may use, if everything is declared already. */
export interface Rights {
  readonly configure: readonly string[];
  readonly write: readonly string[];
  readonly read: readonly string[];
  /** What it may bind to a topic exchange, as routing keys. */
  readonly topics: readonly TopicRights[];
}

export interface TopicRights {
  readonly exchange: string;
  readonly write: readonly string[];
  readonly read: readonly string[];
}

export interface RightsOptions {
  readonly customer?: string;
  /** The queues of all workers: during a rescale, each may bind the others' queues. */
  readonly workerQueues: readonly string[];
}

const RESCALE = rescaleStreamOf(SHOPPING_EVENTS_EXCHANGE);
const LOOKED_AT = [CUSTOMER_STREAM, WORKER_STATUS, DEAD_LETTER_LOG, RESCALE];
const NONE = { configure: [], write: [], read: [], topics: [] };

/** The rights that a role of the shop needs, and no more. @throws Error for a customer without a name */
export function rightsOf(role: RoleName, { customer, workerQueues }: RightsOptions): Rights {
  switch (role) {
    case 'sensor':
      return { ...NONE, write: [SHOPPING_EVENTS_EXCHANGE] };
    case 'worker': {
      const own = workerQueues.flatMap((queue) => [queue, changelogOf(queue), handoverQueueOf(queue)]);
      return {
        ...NONE,
        write: [
          ...own,
          // Late events are sent again during a rescale.
          SHOPPING_EVENTS_EXCHANGE,
          RESCALE,
          CUSTOMER_APP_EVENTS,
          BILLING_EVENTS,
          // For a message with headers that RabbitMQ cannot dead-letter.
          DEAD_LETTER_EXCHANGE,
          DEAD_LETTER_LOG,
          WORKER_STATUS,
        ],
        read: [...own, SHOPPING_EVENTS_EXCHANGE, RESCALE, WORKER_STATUS],
      };
    }
    case 'customer': {
      if (customer === undefined) throw new Error('rights of which customer?');
      const queue = customerQueue(customer);
      return {
        ...NONE,
        write: [queue],
        read: [queue, CUSTOMER_APP_EVENTS],
        topics: [{ exchange: CUSTOMER_APP_EVENTS, write: [], read: [customer] }],
      };
    }
    case 'till':
      return { ...NONE, read: [BILLING_EVENTS] };
    case 'pages-looking':
      return { ...NONE, write: [ALARM_PROBE], read: LOOKED_AT };
    case 'pages-acting':
      return {
        ...NONE,
        write: [ALARM_PROBE, SHOPPING_EVENTS_EXCHANGE, DEAD_LETTER_LOG],
        read: [...LOOKED_AT, DEAD_LETTER_QUEUE],
      };
    case 'operator':
      return {
        ...NONE,
        // `forget-baskets` deletes them.
        configure: workerQueues.map(changelogOf),
        write: [SHOPPING_EVENTS_EXCHANGE, DEAD_LETTER_LOG, RESCALE],
        read: [DEAD_LETTER_QUEUE, DEAD_LETTER_LOG, RESCALE],
      };
  }
}
