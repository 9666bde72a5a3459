import { greeting } from './greeting.js';

export const handler = async (event) => {
  for (const [queue, messages] of Object.entries(event.rmqMessagesByQueue)) {
    for (const { data } of messages) console.log(`eat got ${greeting} ${Buffer.from(data, 'base64')} from ${queue}`);
  }
};
