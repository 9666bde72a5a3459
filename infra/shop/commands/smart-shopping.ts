#!/usr/bin/env node
import { Command } from 'commander';
import { runProgram } from '../../commands/command-line.js';

interface Subcommand {
  readonly description: string;
  /** Its options and its action. Loaded only when needed: all commands together take half a second. */
  readonly load: () => Promise<Command>;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  broker: {
    description: 'Run a private RabbitMQ until Ctrl-C, and print its address.',
    load: async () => (await import('../../commands/broker.js')).brokerCommand(),
  },
  'dead-letters': {
    description: 'Show what was rejected and why, redrive it or delete it.',
    load: async () => (await import('./dead-letters.js')).shopDeadLettersCommand(),
  },
  demo: {
    description: 'Play the whole shop once on a real RabbitMQ, and show what everyone received.',
    load: async () => (await import('./demo.js')).demoCommand(),
  },
  events: {
    description: 'Record what a function gets, replay it, and make up events.',
    load: async () => (await import('../../commands/events.js')).eventsCommand(),
  },
  'forget-baskets': {
    description: 'Delete the changelog of a stopped worker, so that it starts with no open baskets.',
    load: async () => (await import('./forget-baskets.js')).forgetBasketsCommand(),
  },
  owner: {
    description: 'Show which queue owns a product, that is, gets both its events. Needs no broker.',
    load: async () => (await import('./owner.js')).ownerCommand(),
  },
  parity: {
    description: 'List what will differ on AWS for the rabbitmq events of this serverless.yml. Needs no account.',
    load: async () => (await import('../../commands/parity.js')).parityCommand(),
  },
  permissions: {
    description: 'Print the commands that give a user of the broker the rights of one role, and no others.',
    load: async () => (await import('./permissions.js')).permissionsCommand(),
  },
  poll: {
    description: 'Run the functions of serverless.yml, or a handler, on their queues until SIGTERM: for servers.',
    load: async () => (await import('../../commands/poll.js')).pollCommand(),
  },
  produce: {
    description: 'Send many pick ups and as many purchases, and wait until the broker has confirmed all.',
    load: async () => (await import('./produce.js')).produceCommand(),
  },
  rescale: {
    description: 'Change which queues share the products: open baskets move along, and nothing stops.',
    load: async () => (await import('./rescale.js')).shopRescaleCommand(),
  },
  sensor: {
    description: 'Accept shopping events over HTTP, POST /shopping-events, until Ctrl-C.',
    load: async () => (await import('./sensor.js')).sensorCommand(),
  },
  topology: {
    description: "Declare, check or draw the shop's exchanges, queues and bindings.",
    load: async () => (await import('./topology.js')).topologyCommand(),
  },
  web: {
    description:
      "Serve the shop floor and the customers' pages until Ctrl-C; the printed address opens the shop floor.",
    load: async () => (await import('./web.js')).webCommand(),
  },
  'customer-link': {
    description: "Print a signed link to a customer's page: everyone who has it sees what this customer sees.",
    load: async () => (await import('./web.js')).customerLinkCommand(),
  },
};

await runProgram(async () => {
  // Options after a subcommand's name belong to the subcommand.
  const program = new Command('smart-shopping').enablePositionalOptions().description('A smart shop on RabbitMQ.');
  const meant = process.argv.slice(2).find((word) => !word.startsWith('-') && word !== 'help');
  for (const [name, { description, load }] of Object.entries(SUBCOMMANDS)) {
    program.addCommand((name === meant ? await load() : new Command(name)).description(description));
  }
  return program;
});
