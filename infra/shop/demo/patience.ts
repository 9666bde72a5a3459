/** Far more than a slow machine needs between two things that happen. */
const PATIENCE_MS = 60_000;

/** A wait that ends. */
export interface Patience {
  /** Aborts with `stop`, and when nothing has happened for a minute. */
  readonly signal: AbortSignal;
  /** Something has happened: the minute begins anew. */
  readonly refresh: () => void;
}

export function startPatience(stop: AbortSignal): Patience {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), PATIENCE_MS);
  timer.unref();
  return { signal: AbortSignal.any([stop, over.signal]), refresh: () => void timer.refresh() };
}
