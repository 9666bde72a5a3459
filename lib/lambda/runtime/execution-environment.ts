import { randomBytes } from 'node:crypto';
import { oneAtATime, type Turn } from './turns.js';

/** A Lambda execution environment: it handles one event at a time, and its environment names the trace of each. */
export function executionEnvironment(): Turn {
  const turn = oneAtATime();
  return (run) =>
    turn(() => {
      process.env['_X_AMZN_TRACE_ID'] = traceId();
      return run();
    });
}

/** The trace in X-Ray's format; the Powertools logger buffers its lines per trace. */
function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;
}
