import { sampleEvent } from '../recordings/sample-event.js';
import { type SampleFlags, samplesOf } from './sample-options.js';

interface GenerateFlags extends SampleFlags {
  readonly queue: string;
  readonly vhost: string;
}

/** `events generate`. */
export async function generateEvent({ queue, vhost, ...flags }: GenerateFlags): Promise<void> {
  process.stdout.write(`${JSON.stringify(sampleEvent({ queue, vhost, ...(await samplesOf(flags)) }), null, 2)}\n`);
}
