import type { Connection } from '../connection/connection.js';

export interface StopOptions {
  readonly signal: AbortSignal;
  /** How long a stop waits for the running batch, in milliseconds. */
  readonly stopTimeoutMs: number;
}

/** A batch that cannot end, on a blocked connection for example, must not keep a stopped process alive. */
export function closeAfterStop({ signal, stopTimeoutMs }: StopOptions, connection: Connection): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    timer = setTimeout(() => void connection.close(), stopTimeoutMs);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => {
    signal.removeEventListener('abort', stop);
    clearTimeout(timer);
  };
}
