import type { BrokerAddress } from '../../lib/rabbitmq/connection/address.js';
import { privateAddress } from '../broker/find-broker.js';

/** Where the service's broker is, in a form that a thread can be given. */
export interface LocalAddress {
  /** The address at the start. */
  readonly amqpUrl: string;
  /**
   * For a private broker that another command runs: when started again it has a different password, which is found in this
   * folder.
   */
  readonly folder: string | undefined;
}

/** The broker's address at any moment. */
export function addressOf({ amqpUrl, folder }: LocalAddress): BrokerAddress {
  return folder === undefined ? amqpUrl : privateAddress([folder], amqpUrl);
}
