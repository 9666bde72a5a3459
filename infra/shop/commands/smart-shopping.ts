#!/usr/bin/env node
import { Command } from 'commander';
import { runProgram } from '../../commands/command-line.js';

interface Subcommand {
  readonly description: string;
  /** Its options and what it does. Loaded only where it is meant: all of them together take half a second. */
  readonly load: () => Promise<Command>;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  broker: {
    description: 'Runs a private RabbitMQ until Ctrl-C, and prints its address.',
    load: async () => (await import('../../commands/broker.js')).brokerCommand(),
  },
  'dead-letters': {
    description: 'What was rejected, by the workers or from any queue: why, and what to do about it.',
    load: async () => (await import('./dead-letters.js')).shopDeadLettersCommand(),
  },
  demo: {
    description: 'Plays the whole shop once on a real RabbitMQ and shows what everyone received.',
    load: async () => (await import('./demo.js')).demoCommand(),
  },
  events: {
    description: 'Records what a function gets, gives it again, and makes up events.',
    load: async () => (await import('../../commands/events.js')).eventsCommand(),
  },
  'forget-baskets': {
    description: 'Deletes the changelog of a worker that does not run: it begins with no basket open.',
    load: async () => (await import('./forget-baskets.js')).forgetBasketsCommand(),
  },
  owner: {
    description:
      'Tells which queue owns a product: the broker gives it both events. Asks no broker: it knows the ring.',
    load: async () => (await import('./owner.js')).ownerCommand(),
  },
  parity: {
    description: 'Tells what will differ on AWS for the rabbitmq events of the serverless.yml here. Asks no account.',
    load: async () => (await import('../../commands/parity.js')).parityCommand(),
  },
  permissions: {
    description: 'Prints what gives a user of the broker the rights of one role, and no others.',
    load: async () => (await import('./permissions.js')).permissionsCommand(),
  },
  poll: {
    description: 'Runs the functions of serverless.yml, or a handler, on their queues until SIGTERM: for servers.',
    load: async () => (await import('../../commands/poll.js')).pollCommand(),
  },
  produce: {
    description: 'Sends many pick ups and as many purchases, and waits until the broker has every one safe.',
    load: async () => (await import('./produce.js')).produceCommand(),
  },
  rescale: {
    description: 'Has other queues share the products from now on: open baskets move along, and nothing stops.',
    load: async () => (await import('./rescale.js')).shopRescaleCommand(),
  },
  sensor: {
    description: 'Takes shopping events over HTTP, POST /shopping-events, until Ctrl-C.',
    load: async () => (await import('./sensor.js')).sensorCommand(),
  },
  topology: {
    description: "The shop's exchanges, queues and bindings.",
    load: async () => (await import('./topology.js')).topologyCommand(),
  },
  web: {
    description:
      "Serves the shop floor and the customers' pages until Ctrl-C; the printed address opens the shop floor.",
    load: async () => (await import('./web.js')).webCommand(),
  },
  'customer-link': {
    description: "Prints the address of a customer's page, signed: whoever has it sees what this customer sees.",
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
