import { randomBytes } from 'node:crypto';
import { oneAtATime, type Turn } from './turns.js';

/** An execution environment of Lambda: it handles one event at a time, and its environment names the trace of each. */
export function executionEnvironment(): Turn {
  const turn = oneAtATime();
  return (run) =>
    turn(() => {
      process.env['_X_AMZN_TRACE_ID'] = traceId();
      return run();
    });
}

/** As X-Ray names a trace; the Powertools logger buffers its lines per trace. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
