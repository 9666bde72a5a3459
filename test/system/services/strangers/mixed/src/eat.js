const { greeting } = require('./greeting');

exports.handler = async (event) => {
  for (const [queue, messages] of Object.entries(event.rmqMessagesByQueue)) {
    for (const { data } of messages) console.log(`eat got ${greeting} ${Buffer.from(data, 'base64')} from ${queue}`);
  }
};
