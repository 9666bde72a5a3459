const { GREETING, NAME } = process.env;

// CommonJS; its export is found only by running it.
module.exports = Object.fromEntries([['take', take]]);

async function take(event) {
  const [messages] = Object.values(event.rmqMessagesByQueue);
  const outgoing = messages.map(({ basicProperties, data }) => ({
    exchange: '',
    routingKey: 'invoices',
    body: { order: JSON.parse(Buffer.from(data, 'base64')), greeting: `${GREETING} ${NAME}` },
    messageId: `invoice for ${basicProperties.messageId}`,
    type: 'invoice',
    mustRoute: true,
  }));
  return { batchItemFailures: [], outgoing };
}
