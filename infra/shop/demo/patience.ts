/** Far more than a slow machine needs between two events. */
const PATIENCE_MS = 60_000;

/** A wait with a limit. */
export interface Patience {
  /** Aborts with `stop`, and when nothing has happened for a minute. */
  readonly signal: AbortSignal;
  /** Something has happened: the minute starts over. */
  readonly refresh: () => void;
}

export function startPatience(stop: AbortSignal): Patience {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), PATIENCE_MS);
  timer.unref();
  return { signal: AbortSignal.any([stop, over.signal]), refresh: () => void timer.refresh() };
}
