exports.topology = () => ({
  exchanges: [],
  queues: ['orders', 'invoices', 'done'].map((name) => ({ name, durable: true })),
  bindings: [],
});
