import { Command } from 'commander';
import { shoppingSensor } from '../../../handlers/shopping-sensor.js';
import type { Publish } from '../../../lib/lambda/function/http-function.js';
import { createSender } from '../../../lib/lambda/function/publishing.js';
import { AMQP_URL_OPTION } from '../../commands/amqp-url-option.js';
import { requireBroker } from '../../commands/broker-address.js';
import { CommandError, EXIT, notice } from '../../commands/command-line.js';
import { commandLog } from '../../commands/command-log.js';
import { parsePort, whyNotListening } from '../../commands/port.js';
import { addServingOptions, type ServingFlags, servingOf } from '../../commands/serving.js';
import { listen } from '../../http/listen.js';
import { stopSignal } from '../../process/stop-signal.js';
import { printResult } from '../../terminal/printable.js';
import { createSensorApp } from '../sensor/app.js';

interface Flags extends ServingFlags {
  readonly port: number;
  readonly amqpUrl?: string;
  readonly json?: true;
}

/** `sensor`: the sensor's Lambda handler behind plain HTTP. */
export function sensorCommand(): Command {
  const command = new Command('sensor').option(
    '-p, --port <port>',
    'the port to listen on; 0 for a free one',
    parsePort,
    3000,
  );
  return addServingOptions(command)
    .option(...AMQP_URL_OPTION)
    .option('--json', 'print the address as a JSON line')
    .action(serve);
}

async function serve({ port, amqpUrl: given, json, ...flags }: Flags): Promise<void> {
  const serving = await servingOf(flags);
  const signal = stopSignal();
  const log = await commandLog('shopping-sensor', json);
  const sender = createSender({ amqpUrl: await requireBroker(given, log), name: 'shopping-sensor', log });
  try {
    const publish: Publish = (outgoing) =>
      sender.publish(outgoing).catch((error: Error) => {
        log.warn(`an event is not published, and answered with 503: ${error.message}`);
        throw error;
      });
    const { origin, ended } = await listen((names) => createSensorApp(shoppingSensor(publish), names), {
      ...serving,
      port,
      signal,
      patient: true,
    }).catch((cause: NodeJS.ErrnoException) => {
      throw new CommandError(`No sensor: ${whyNotListening(cause, port)}`, EXIT.failed, { cause });
    });
    const url = `${origin}/shopping-events`;
    printResult(json ? JSON.stringify({ url }) : url);
    notice('POST one event or a list of events there. Ctrl-C stops.');
    await ended;
  } finally {
    await sender.close();
  }
}
