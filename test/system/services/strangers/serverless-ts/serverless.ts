const broker = {
  arn: 'arn:aws:mq:eu-central-1:000000000000:broker:mine:b-00000000-0000-0000-0000-000000000000',
  basicAuthArn: 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:mine-000000',
};

const queue: string = 'orders';

module.exports = {
  service: 'stranger',
  plugins: ['smart-shopping/serverless-offline-rabbitmq', 'serverless-offline'],
  provider: { name: 'aws', runtime: 'nodejs22.x' },
  custom: { rabbitmq: { declareQueues: true } },
  functions: {
    hello: { handler: 'src/hello.handler', events: [{ httpApi: 'GET /hello' }] },
    eat: { handler: 'src/eat.handler', events: [{ rabbitmq: { ...broker, queue } }] },
  },
};
