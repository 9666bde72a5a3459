#!/usr/bin/env node
import { Command } from 'commander';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { runProgram } from '../../commands/command-line.js';
import type { CustomerAppFlags } from './customer-app.js';

const program = new Command('run_customer_app')
  .description('Show what one customer receives, live, until Ctrl-C.')
  .requiredOption('-c, --customer_id <id>', 'a customer of the database, such as customer-1')
  .option(...AMQP_URL_OPTION)
  .option('--json', 'print one JSON line per event: the message body')
  .action(async (flags: CustomerAppFlags) => (await import('./customer-app.js')).runCustomerApp(flags));

await runProgram(program);
