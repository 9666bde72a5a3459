const quorum = { 'x-queue-type': 'quorum' };

// Each fault ends its thread: after two returns its message is set aside.
const worked = {
  ...quorum,
  'x-delivery-limit': 2,
  'x-single-active-consumer': true,
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': 'dead',
};

export const topology = () => ({
  exchanges: [],
  queues: [
    ...['done', 'dead'].map((name) => ({ name, durable: true, arguments: quorum })),
    ...['steady', 'hanging', 'exiting', 'leaking', 'waiting'].map((name) => ({
      name,
      durable: true,
      arguments: worked,
    })),
  ],
  bindings: [],
});
