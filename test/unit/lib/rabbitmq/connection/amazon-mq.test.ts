import { expect, it } from 'vitest';
import { isAmazonMqUrl, saysAmazonMq } from '../../../../../lib/rabbitmq/connection/amazon-mq.js';

it.each([
  ['amqps://u:p@b-1234a5b6.mq.eu-central-1.amazonaws.com:5671', true],
  ['amqps://b-1234a5b6.mq.cn-north-1.amazonaws.com.cn/tenant', true],
  ['amqps://b-1234a5b6-1.mq.us-east-1.on.aws:5671', true],
  ['amqp://localhost:5672', false],
  ['amqps://mq.example.com', false],
  ['amqps://b-1.mq.eu-central-1.amazonaws.com.example.com', false],
])('%s is an address of Amazon MQ: %s', (url, expected) => {
  expect(isAmazonMqUrl(url)).toBe(expected);
});

it.each<[unknown, boolean]>([
  [{ product: 'RabbitMQ', cluster_name: 'b-1.mq.eu-central-1.amazonaws.com' }, true],
  [{ platform: 'Amazon MQ' }, true],
  [{ product: 'RabbitMQ', cluster_name: 'rabbit@shop', capabilities: { consumer_priorities: true } }, false],
  [undefined, false],
])('%j says so: %s', (properties, expected) => {
  expect(saysAmazonMq(properties)).toBe(expected);
});
