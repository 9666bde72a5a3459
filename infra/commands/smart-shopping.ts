#!/usr/bin/env node
import { Command } from 'commander';
import { brokerCommand } from './broker.js';
import { runProgram } from './command-line.js';
import { deadLettersCommand } from './dead-letters.js';
import { demoCommand } from './demo.js';
import { eventsCommand } from './events.js';
import { forgetBasketsCommand } from './forget-baskets.js';
import { ownerCommand } from './owner.js';
import { parityCommand } from './parity.js';
import { produceCommand } from './produce.js';
import { sensorCommand } from './sensor.js';
import { topologyCommand } from './topology.js';
import { customerLinkCommand, webCommand } from './web.js';

const program = new Command('smart-shopping')
  .description('A smart shop on RabbitMQ.')
  .addCommand(brokerCommand())
  .addCommand(deadLettersCommand())
  .addCommand(demoCommand())
  .addCommand(eventsCommand())
  .addCommand(forgetBasketsCommand())
  .addCommand(ownerCommand())
  .addCommand(parityCommand())
  .addCommand(produceCommand())
  .addCommand(sensorCommand())
  .addCommand(topologyCommand())
  .addCommand(webCommand())
  .addCommand(customerLinkCommand());

await runProgram(program);
