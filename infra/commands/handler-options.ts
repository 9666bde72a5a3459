import { type Command, Option } from 'commander';
import type { HandlerFlags } from '../service-file/handler-service.js';
import { positiveNumber } from './numbers.js';

const MOST_BATCH = 10_000;
const MOST_PREFETCH = 65_535;
const LONGEST_WINDOW_S = 300;
const LONGEST_TIMEOUT_S = 900;

/** What serverless.yml says otherwise. */
const OPTIONS: readonly Option[] = [
  new Option('--virtual-host <name>', 'of the queues; else that of the address'),
  new Option('--batch-size <number>', 'most messages of an event').argParser(positiveNumber(MOST_BATCH)),
  new Option('--batching-window <seconds>', 'how long a batch that is not full waits for more').argParser(
    positiveNumber(LONGEST_WINDOW_S),
  ),
  new Option('--filter <json>', 'a filter pattern of Lambda; may be repeated').argParser(repeated),
  new Option('--timeout <seconds>', 'what an invocation may take').argParser(positiveNumber(LONGEST_TIMEOUT_S)),
  new Option('--memory <megabytes>', 'what its thread may take').argParser(positiveNumber()),
  new Option('--retry <how>', 'what becomes of a batch that fails').choices(['bounded', 'aws']),
  new Option('--attempts <number>', 'how often it is tried before its messages are tried alone').argParser(
    positiveNumber(),
  ),
  new Option('--prefetch <number>', 'most messages that wait here unacknowledged').argParser(
    positiveNumber(MOST_PREFETCH),
  ),
  new Option('--changelog', 'keeps its memory in a stream beside each queue'),
  new Option('--rescale <exchange>', 'its queues share the keys of it; with --changelog, memory moves along'),
  new Option('--dead-letter-log <stream>', 'is told why a message is rejected'),
  new Option('--may-discard', 'rejects messages that RabbitMQ may then destroy'),
  new Option('--recordable', 'lets `events record` copy what it gets and answers'),
  new Option('--status <exchange>', 'is told how it is doing'),
  new Option('--topology <file>', 'a module whose topology() gives what to declare'),
  new Option('--declare-queues', 'declares queues that are missing, as plain durable ones'),
];

/** Adds what says how a handler without a service is run. */
export function addHandlerOptions(command: Command): Command {
  command.optionsGroup('A handler without a service:');
  command.option('--handler <file.export>', 'such as ./dist/eat.handler; needs --queue');
  for (const option of OPTIONS) command.addOption(option);
  return command;
}

/** An option that says something of a handler, where there is none. */
export function strayOption(flags: Partial<HandlerFlags>): string | undefined {
  return OPTIONS.find((option) => option.attributeName() in flags)?.long;
}

/** Gathers the values of an option that may be repeated. */
export function repeated(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}
