import { type Command, Option } from 'commander';
import type { HandlerFlags } from '../service-file/handler-service.js';
import { positiveNumber } from './numbers.js';

const MOST_BATCH = 10_000;
const MOST_PREFETCH = 65_535;
const LONGEST_WINDOW_S = 300;
const LONGEST_TIMEOUT_S = 900;

/** The settings that serverless.yml would otherwise contain. */
const OPTIONS: readonly Option[] = [
  new Option('--virtual-host <name>', 'the virtual host of the queues; default: the one in the address'),
  new Option('--batch-size <number>', 'the maximum number of messages in an event').argParser(
    positiveNumber(MOST_BATCH),
  ),
  new Option('--batching-window <seconds>', 'how long a batch that is not full waits for more messages').argParser(
    positiveNumber(LONGEST_WINDOW_S),
  ),
  new Option('--filter <json>', 'a Lambda filter pattern; may be repeated').argParser(repeated),
  new Option('--timeout <seconds>', 'the time limit of an invocation').argParser(positiveNumber(LONGEST_TIMEOUT_S)),
  new Option('--memory <megabytes>', 'the heap limit of its thread').argParser(positiveNumber()),
  new Option('--retry <how>', 'what happens to a batch that fails').choices(['bounded', 'aws']),
  new Option('--attempts <number>', 'how often a failing batch is tried before its messages are tried alone').argParser(
    positiveNumber(),
  ),
  new Option('--prefetch <number>', 'the maximum number of unacknowledged messages that wait here').argParser(
    positiveNumber(MOST_PREFETCH),
  ),
  new Option('--changelog', 'keep its memory in a stream next to each queue'),
  new Option(
    '--rescale <exchange>',
    'the hash exchange whose keys its queues share; with --changelog, memory moves along',
  ),
  new Option('--dead-letter-log <stream>', 'receives the reason why a message is rejected'),
  new Option('--may-discard', 'reject messages even if RabbitMQ may then destroy them'),
  new Option('--recordable', 'let `events record` copy what it gets and answers'),
  new Option('--status <exchange>', 'receives reports of its state'),
  new Option('--topology <file>', 'a module whose topology() returns what to declare'),
  new Option('--declare-queues', 'declare missing queues, as plain durable ones'),
];

/** Adds the options for running a handler without a service. */
export function addHandlerOptions(command: Command): Command {
  command.optionsGroup('A handler without a service:');
  command.option('--handler <file.export>', 'such as ./dist/eat.handler; needs --queue');
  for (const option of OPTIONS) command.addOption(option);
  return command;
}

/** An option about a handler, if there is no handler. */
export function strayOption(flags: Partial<HandlerFlags>): string | undefined {
  return OPTIONS.find((option) => option.attributeName() in flags)?.long;
}

/** Collects the values of an option that may be repeated. */
export function repeated(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}
