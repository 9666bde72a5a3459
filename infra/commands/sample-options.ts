import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { SampleMessages } from '../recordings/sample-event.js';
import { CommandError, EXIT, verbatimOption } from './command-line.js';
import { positiveNumber } from './numbers.js';

/** What the command line says about made-up messages. */
export interface SampleFlags extends Omit<SampleMessages, 'bodies' | 'headers'> {
  readonly body?: readonly string[];
  readonly bodyFile?: string;
  readonly header?: readonly string[];
}

const SAMPLE_BODY = JSON.stringify({ hello: 'world' });

/** Adds the options that describe the messages. */
export function addSampleOptions(command: Command): Command {
  return command
    .addOption(verbatimOption(new Option('-b, --body <text...>', 'one message each; default: one small JSON object')))
    .option('--body-file <file>', 'one message with the bytes of this file')
    .addOption(
      verbatimOption(
        new Option(
          '-H, --header <name=value...>',
          'a header; numbers, true and false are sent as such rather than as text',
        ),
      ),
    )
    .option('--content-type <type>', 'the type of the body', 'application/json')
    .option('--message-id <id>', 'the message id; a number is appended if there are several messages')
    .option('--type <text>')
    .option('--app-id <text>')
    .option('--correlation-id <text>')
    .option('--reply-to <queue>')
    .option('--expiration <ms>', 'time to live, in milliseconds')
    .option('--priority <number>', '0 to 255', positiveNumber(255))
    .option('--timestamp <seconds>', 'since 1970', positiveNumber());
}

/** The messages that the flags describe. @throws CommandError (2) */
export async function samplesOf({ body, bodyFile, header = [], ...properties }: SampleFlags): Promise<SampleMessages> {
  if (body !== undefined && bodyFile !== undefined)
    throw new CommandError('Give --body or --body-file, not both.', EXIT.usage);
  const headers = Object.fromEntries(header.map(headerOf));
  if (bodyFile === undefined) {
    return { ...properties, headers, bodies: (body ?? [SAMPLE_BODY]).map((text) => Buffer.from(text)) };
  }
  const content = await readFile(bodyFile).catch((cause: Error) => {
    throw new CommandError(cause.message, EXIT.usage, { cause });
  });
  return { ...properties, headers, bodies: [content] };
}

function headerOf(text: string): readonly [string, string | number | boolean] {
  const [, name, value] = text.match(/^([^=]+)=(.*)$/s) ?? [];
  if (name === undefined || value === undefined) {
    throw new CommandError(`--header ${text}: must be name=value.`, EXIT.usage);
  }
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}
