import type { BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import { privateAddress } from '../broker/find-broker.js';

/** Where the service's broker is, as a thread can be told. */
export interface LocalAddress {
  /** At the start. */
  readonly amqpUrl: string;
  /** Of a private broker that another command runs: started again, it has another password, which is found there. */
  readonly folder: string | undefined;
}

/** The broker's address at any moment. */
export function addressOf({ amqpUrl, folder }: LocalAddress): BrokerAddress {
  return folder === undefined ? amqpUrl : privateAddress([folder], amqpUrl);
}
