import { addressesIn } from './address.js';

/** `b-1234.mq.eu-central-1.amazonaws.com`, and newer `b-1234.mq.eu-central-1.on.aws`. */
const ENDPOINT = /\.mq\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|on\.aws)$/;

/** Whether an address belongs to a broker in Amazon MQ. */
export function isAmazonMqUrl(amqpUrl: string): boolean {
  return addressesIn(amqpUrl).some((each) => ENDPOINT.test(new URL(each).hostname));
}

/** Whether a broker identifies itself as Amazon MQ, which also works behind a tunnel or another name. */
export function saysAmazonMq(serverProperties: unknown): boolean {
  return Object.values(serverProperties ?? {}).some(
    (value) => typeof value === 'string' && (/amazon ?mq/i.test(value) || ENDPOINT.test(value)),
  );
}

/**
 * Why nothing that needs a stream is used there
 * (https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-version-management.html).
 */
export const NO_STREAMS = 'this broker is Amazon MQ, which has no streams: creating one there loses data';
