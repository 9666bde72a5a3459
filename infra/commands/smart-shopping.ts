#!/usr/bin/env node
import { Command } from 'commander';
import { runBroker } from './broker.js';
import { runProgram } from './command-line.js';
import { demoCommand } from './demo.js';
import { topologyCommand } from './topology.js';
import { customerLinkCommand, webCommand } from './web.js';

const program = new Command('smart-shopping')
  .description('A smart shop on RabbitMQ.')
  .enablePositionalOptions()
  .addCommand(demoCommand())
  .addCommand(topologyCommand())
  .addCommand(webCommand())
  .addCommand(customerLinkCommand());

program
  .command('broker')
  .description('Runs a private RabbitMQ in the foreground until Ctrl-C, and prints its address.')
  .argument('[args...]')
  .allowUnknownOption()
  .passThroughOptions()
  .helpOption(false)
  .action(async (args: string[]) => {
    process.exitCode = await runBroker(args);
  });

await runProgram(program);
