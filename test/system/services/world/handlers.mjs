import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { decodeRmqEvent, rmqRecords } from 'smart-shopping/rmq-event';

const logger = new Logger({ logBufferOptions: { enabled: true, bufferAtVerbosity: 'DEBUG' }, logLevel: 'INFO' });

/** An answer of one message per record. */
const answer = (records, body = ({ text }) => text) => ({
  outgoing: records.map((record) => ({
    exchange: '',
    routingKey: 'done',
    body: body(record),
    messageId: `done ${record.messageId}`,
    type: 'done',
    mustRoute: true,
  })),
});

/** Reports its environment; its debug lines are buffered by trace until an error is logged. */
export const telling = middy(async ({ records }, context) => {
  const { store, ...own } = context;
  logger.debug(`kept back ${own.awsRequestId}`);
  if (records.some(({ text }) => text === '"loud"')) logger.error('out with it');
  return answer(records, ({ json }) => ({
    json,
    context: { ...own, left: context.getRemainingTimeInMillis() },
    environment: { ...process.env },
  }));
})
  .use(rmqRecords())
  .use(injectLambdaContext(logger));

const decoded = (decide) => middy(({ records }, context) => decide(records, context)).use(rmqRecords());

/** Not an async function. */
export const calling = (event, _context, callback) => {
  const [messages] = Object.values(event.rmqMessagesByQueue);
  const records = messages.map(({ data, basicProperties: { messageId } }) => {
    return { text: Buffer.from(data, 'base64').toString(), messageId };
  });
  if (records.some(({ text }) => text === 'fault')) setTimeout(callback, 10, 'called back in vain');
  else setTimeout(callback, 10, null, answer(records));
};

/** Without middy, which would throw shortly before the timeout. */
export const sleeping = async (event) => {
  const records = decodeRmqEvent(event);
  if (records.some(({ text }) => text === 'fault')) await new Promise(() => undefined);
  return answer(records);
};

/** Throws at each third message, and not an Error. */
export const thirds = decoded(async (records) => {
  for (const { text } of records) if (Number(text) % 3 === 0) throw { third: text };
  return answer(records);
});

export const nonsense = decoded(async (records) => {
  if (!records.some(({ text }) => text === 'fault')) return answer(records);
  return { batchItemFailures: [{ itemIdentifier: 'none of yours' }] };
});

let attempts = 0;

/** Fails five times. */
export const stubborn = decoded(async (records) => {
  attempts++;
  if (attempts <= 5) throw new Error(`attempt ${attempts} at ${records.map(({ text }) => text).join()}`);
  return answer(records);
});

/** One message per batch. */
export const picky = decoded(async (records) => {
  const body = records.map(({ json }) => json.n);
  return answer(records.slice(0, 1), () => body);
});
