import type { Log, LogCode } from '../../../lib/rabbitmq/log.js';

export interface RecordingLog extends Log {
  /** Everything that was logged, as text. */
  readonly lines: string[];
  /** The details of each line with this code: what its error says, else JSON. */
  of(code: LogCode): string[];
}

export function recordingLog(): RecordingLog {
  const lines: string[] = [];
  const coded: { code: unknown; details: string }[] = [];
  const write =
    (level: string) =>
    (message: string, details: Record<string, unknown> = {}): void => {
      const { code, error } = details;
      const text = error instanceof Error ? error.message : JSON.stringify(details);
      lines.push(`${level} ${message} ${text}`);
      coded.push({ code, details: text });
      if (process.env['ADAPTER_LOG'] !== undefined) console.error(`${level} ${message}`, details);
    };
  return {
    lines,
    of: (wanted) => coded.filter(({ code }) => code === wanted).map(({ details }) => details),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}
