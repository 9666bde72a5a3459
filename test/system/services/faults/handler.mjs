const leaked = [];

const FAULTS = {
  hang: () => {
    for (;;);
  },
  exit: () => process.exit(3),
  leak: () => {
    for (;;) leaked.push(Array.from({ length: 10_000 }, Math.random));
  },
};

export async function handler(event) {
  const [messages] = Object.values(event.rmqMessagesByQueue);
  if (process.env.FAULT === 'wait') {
    console.log('a long batch has begun');
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    console.log('a long batch is over');
  }
  if (messages.some(({ data }) => Buffer.from(data, 'base64').toString() === 'slow')) {
    console.log('a slow batch has begun');
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  const outgoing = messages.map(({ basicProperties, data }) => {
    const text = Buffer.from(data, 'base64').toString();
    if (text === 'fault') FAULTS[process.env.FAULT]();
    return {
      exchange: '',
      routingKey: 'done',
      body: text,
      messageId: basicProperties.messageId,
      type: 'done',
      mustRoute: true,
    };
  });
  return { batchItemFailures: [], outgoing };
}
