const quorum = { 'x-queue-type': 'quorum' };

const worked = { ...quorum, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' };

export const topology = () => ({
  exchanges: [],
  queues: [
    ...['done', 'dead'].map((name) => ({ name, durable: true, arguments: quorum })),
    ...['telling', 'calling', 'sleeping', 'thirds', 'nonsense', 'stubborn', 'picky', 'off'].map((name) => ({
      name,
      durable: true,
      arguments: worked,
    })),
  ],
  bindings: [],
});
