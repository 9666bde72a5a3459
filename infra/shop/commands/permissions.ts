import { Argument, Command } from 'commander';
import { databaseFile, readDatabase } from '../../../lib/shop/database/database.js';
import { WORKER_QUEUES } from '../../../lib/shop/domain/topology.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { printResult } from '../../terminal/printable.js';
import { definitions, rabbitmqctlCommands } from '../rights/permissions.js';
import { ROLES, type RoleName, rightsOf } from '../rights/rights.js';
import { requireCustomer } from './customer.js';

interface Flags {
  readonly user?: string;
  readonly vhost: string;
  readonly queue?: readonly string[];
  readonly definitions?: true;
  readonly json?: true;
}

/** `permissions`: what a user of the broker needs for one role. */
export function permissionsCommand(): Command {
  return new Command('permissions')
    .addArgument(new Argument('<role>', 'the role').choices(ROLES))
    .argument('[customer]', 'the customer, for the role customer')
    .option('--user <name>', "the user's name; default: the role, or `customer.` and the customer's id")
    .option('--vhost <name>', 'the virtual host', '/')
    .option('--queue <queues...>', `the queues of all workers; default: ${WORKER_QUEUES.join(' and ')}`)
    .option('--definitions', 'print JSON for `rabbitmqctl import_definitions` instead of commands; the user must exist')
    .option('--json', 'print the rights as JSON: names rather than patterns')
    .action(printPermissions);
}

function printPermissions(role: RoleName, customer: string | undefined, flags: Flags): void {
  if ((role === 'customer') !== (customer !== undefined)) {
    const problem = role === 'customer' ? "add the customer's id" : `${role} takes no customer`;
    throw new CommandError(`permissions ${role}: ${problem}.`, EXIT.usage);
  }
  const { vhost, queue: workerQueues = WORKER_QUEUES, json } = flags;
  const whose = customer === undefined ? {} : { customer: requireCustomer(readDatabase(databaseFile()), customer) };
  const name = flags.user ?? (customer === undefined ? role : `customer.${whose.customer}`);
  const rights = rightsOf(role, { workerQueues, ...whose });
  if (json) printResult(JSON.stringify({ user: name, vhost, ...rights }));
  else if (flags.definitions) printResult(JSON.stringify(definitions({ name, vhost }, rights), undefined, 2));
  else printResult(rabbitmqctlCommands({ name, vhost }, rights).join('\n'));
  notice('Everything must be declared first, by a user with all rights: `npx smart-shopping topology declare`.');
}
