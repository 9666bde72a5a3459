import type { RmqEvent } from 'smart-shopping/rmq-event';
import { greeting } from './greeting';

export const handler = async (event: RmqEvent): Promise<void> => {
  for (const [queue, messages] of Object.entries(event.rmqMessagesByQueue)) {
    for (const { data } of messages) console.log(`eat got ${greeting} ${Buffer.from(data, 'base64')} from ${queue}`);
  }
};
