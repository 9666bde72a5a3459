import { readFile } from 'node:fs/promises';
import { sampleEvent } from '../recordings/sample-event.js';
import { CommandError, EXIT } from './command-line.js';

interface GenerateFlags {
  readonly queue: string;
  readonly vhost: string;
  readonly body?: readonly string[];
  readonly bodyFile?: string;
  readonly header?: readonly string[];
  readonly contentType: string;
  readonly messageId?: string;
  readonly type?: string;
  readonly appId?: string;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly expiration?: string;
  readonly priority?: number;
  readonly timestamp?: number;
}

const SAMPLE_BODY = JSON.stringify({ hello: 'world' });

/** `events generate`. */
export async function generateEvent({ body, bodyFile, header = [], ...properties }: GenerateFlags): Promise<void> {
  if (body !== undefined && bodyFile !== undefined) throw new CommandError('Say --body or --body-file.', EXIT.usage);
  const texts = body ?? [SAMPLE_BODY];
  const bodies =
    bodyFile === undefined
      ? texts.map((text) => Buffer.from(text))
      : [
          await readFile(bodyFile).catch((cause: Error) => {
            throw new CommandError(cause.message, EXIT.usage, { cause });
          }),
        ];
  const event = sampleEvent({ ...properties, bodies, headers: Object.fromEntries(header.map(headerOf)) });
  process.stdout.write(`${JSON.stringify(event, null, 2)}\n`);
}

function headerOf(text: string): readonly [string, string | number | boolean] {
  const [, name, value] = text.match(/^([^=]+)=(.*)$/s) ?? [];
  if (name === undefined || value === undefined) {
    throw new CommandError(`--header ${text}: it is name=value.`, EXIT.usage);
  }
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}
