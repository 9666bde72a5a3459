import { version } from './version.mjs';

export async function write(event, context) {
  const [messages] = Object.values(event.rmqMessagesByQueue);
  const outgoing = messages.map(({ basicProperties, data }) => ({
    exchange: '',
    routingKey: 'done',
    body: { ...JSON.parse(Buffer.from(data, 'base64')), version, function: context.functionName },
    messageId: basicProperties.messageId,
    type: 'invoice',
    mustRoute: true,
  }));
  return { batchItemFailures: [], outgoing };
}
