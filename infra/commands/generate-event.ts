import { sampleEvent } from '../recordings/sample-event.js';
import { printResult } from '../terminal/printable.js';
import { type SampleFlags, samplesOf } from './sample-options.js';

interface GenerateFlags extends SampleFlags {
  readonly queue: string;
  readonly vhost: string;
}

/** `events generate`. */
export async function generateEvent({ queue, vhost, ...flags }: GenerateFlags): Promise<void> {
  printResult(JSON.stringify(sampleEvent({ queue, vhost, ...(await samplesOf(flags)) }), null, 2));
}
