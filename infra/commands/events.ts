import { Command } from 'commander';
import { AMQP_URL_OPTION } from './amqp-url-option.js';
import { generateEvent } from './generate-event.js';
import { positiveNumber } from './numbers.js';
import { recordEvents } from './record-events.js';
import { replayEvents } from './replay-events.js';
import { addSampleOptions } from './sample-options.js';
import { sendEvents } from './send-events.js';
import { addServiceOptions } from './service-options.js';

/** `events`: what functions get from RabbitMQ, recorded, given again, and made up. */
export function eventsCommand(): Command {
  return new Command('events')
    .addCommand(
      new Command('record')
        .description(
          'Copies what the function of a queue gets and answers into a file, until Ctrl-C. Takes nothing away.',
        )
        .argument('<queue>', 'such as worker01_queue')
        .requiredOption('-o, --out <file>', 'a new file')
        .option('--latest', 'what is over already: the latest invocations, at most 100, those that failed, too')
        .option('-n, --count <number>', 'stops after this many messages', positiveNumber())
        .option(...AMQP_URL_OPTION)
        .option('--json', 'the result as one JSON line')
        .action(recordEvents),
    )
    .addCommand(
      addServiceOptions(new Command('replay'))
        .description('Gives a recording, or one event, to a function of serverless.yml; nothing is published.')
        .argument('<file>', 'of `events record` or `events generate`')
        .option('-f, --function <name>', 'as serverless.yml calls it')
        .option(
          '--publish',
          'puts the recorded messages on the queue that --queue names instead, for whoever serves it',
        )
        .option('-q, --queue <name>', 'the queue to publish to')
        .option(...AMQP_URL_OPTION)
        .option('--json', 'one JSON line per invocation, with what the function answered')
        .action(replayEvents),
    )
    .addCommand(
      addSampleOptions(
        new Command('generate')
          .description('Prints an event as a function gets it from RabbitMQ.')
          .option('-q, --queue <name>', 'the queue it is from', 'orders')
          .option('--vhost <name>', 'its virtual host', '/'),
      ).action(generateEvent),
    )
    .addCommand(
      addSampleOptions(
        new Command('send')
          .description('Puts messages on a queue, for whoever serves it.')
          .argument('<queue>', 'such as orders')
          .option('--vhost <name>', "its virtual host; else the broker's own")
          .option(...AMQP_URL_OPTION)
          .option('--json', 'the result as one JSON line'),
      ).action(sendEvents),
    );
}
