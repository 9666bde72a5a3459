import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { customerQueue } from '../../../lib/shop/domain/topology.js';

/** How serverless.yml resolves values from a file. */
interface Variables {
  resolveVariable(address: string): Promise<string>;
}

/** For serverless.yml: one `rabbitmq` event per customer of the database. */
export async function customerTriggers({ resolveVariable }: Variables) {
  const arn = await resolveVariable('self:custom.broker.arn');
  const basicAuthArn = await resolveVariable('self:custom.broker.basicAuthArn');
  const { customers } = readDatabase(databaseFile());
  return customers.map((customer) => ({ rabbitmq: { arn, basicAuthArn, queue: customerQueue(customer) } }));
}
