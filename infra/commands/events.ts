import { Command } from 'commander';
import { AMQP_URL_OPTION } from './amqp-url-option.js';
import { generateEvent } from './generate-event.js';
import { positiveNumber } from './numbers.js';
import { recordEvents } from './record-events.js';
import { replayEvents } from './replay-events.js';
import { addSampleOptions } from './sample-options.js';
import { sendEvents } from './send-events.js';
import { addServiceOptions } from './service-options.js';

/** `events`: records what functions get from RabbitMQ, replays it, and makes events up. */
export function eventsCommand(): Command {
  return new Command('events')
    .addCommand(
      new Command('record')
        .description(
          'Copy what the function of a queue gets and answers to a file, until Ctrl-C. Takes no messages away.',
        )
        .argument('<queue>', 'the queue whose function is recorded')
        .requiredOption('-o, --out <file>', 'a new file')
        .option('--latest', 'record past invocations instead: the latest, at most 100, including failed ones')
        .option('-n, --count <number>', 'stop after this many messages', positiveNumber())
        .option(...AMQP_URL_OPTION)
        .option('--json', 'print the result as one JSON line')
        .action(recordEvents),
    )
    .addCommand(
      addServiceOptions(new Command('replay'))
        .description('Give a recording, or one event, to a function of serverless.yml; publishes nothing.')
        .argument('<file>', 'the output of `events record` or `events generate`')
        .option('-f, --function <name>', 'its name in serverless.yml')
        .option(
          '--publish',
          'instead, put the recorded messages on the queue given with --queue, for whatever serves it',
        )
        .option('-q, --queue <name>', 'the queue to publish to')
        .option(...AMQP_URL_OPTION)
        .option('--json', 'print one JSON line per invocation, with what the function answered')
        .action(replayEvents),
    )
    .addCommand(
      addSampleOptions(
        new Command('generate')
          .description('Print an event as a function gets it from RabbitMQ.')
          .option('-q, --queue <name>', 'the queue of the event', 'orders')
          .option('--vhost <name>', 'its virtual host', '/'),
      ).action(generateEvent),
    )
    .addCommand(
      addSampleOptions(
        new Command('send')
          .description('Put messages on a queue, for whatever serves it.')
          .argument('<queue>', 'such as orders')
          .option('--vhost <name>', "its virtual host; default: the one in the broker's address")
          .option(...AMQP_URL_OPTION)
          .option('--json', 'print the result as one JSON line'),
      ).action(sendEvents),
    );
}
