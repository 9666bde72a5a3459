const leaked = [];
const never = new Int32Array(new SharedArrayBuffer(4));

const FAULTS = {
  // Once in a loop, as functions hang; after that waiting for nothing, which looks the same from outside and leaves the cores to
  // others.
  hang: (isFirst) => {
    while (isFirst);
    Atomics.wait(never, 0, 0);
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
  const outgoing = messages.map(({ basicProperties, redelivered, data }) => {
    const text = Buffer.from(data, 'base64').toString();
    if (text === 'fault') FAULTS[process.env.FAULT](!redelivered);
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
