import type { Log } from '../../../lib/rabbitmq/log.js';

export interface RecordingLog extends Log {
  readonly lines: string[];
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (message: string, details?: Record<string, unknown>): void => {
      const error = details?.['error'];
      const detail = error instanceof Error ? error.message : JSON.stringify(details ?? {});
      lines.push(`${level} ${message} ${detail}`);
      if (process.env['ADAPTER_LOG'] !== undefined) console.error(`${level} ${message}`, details);
    };
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
