exports.topology = () => ({
  exchanges: [],
  queues: ['orders', 'invoices', 'done', 'till', 'audit'].map((name) => ({ name, durable: true })),
  bindings: [],
});
