/** How a thread shows that its event loop turns. Shared memory, because a thread that hangs sends no message. */
export function createHeartbeat(): SharedArrayBuffer {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** Seldom: every wake-up of a thread that has nothing to do costs power. */
const BEAT_MS = 500;

/** In the thread: counts up for as long as the event loop turns. */
export function beat(heartbeat: SharedArrayBuffer): void {
  const count = new Int32Array(heartbeat);
  const once = (): void => void Atomics.add(count, 0, 1);
  once();
  setInterval(once, BEAT_MS);
}

/** Twice as long, so that a beat is never missed by chance. */
const LISTEN_MS = 1_000;

/** How long a thread may be silent, in milliseconds. */
export interface Patience {
  /** Until its first beat: it has modules to load. */
  readonly startMs: number;
  readonly runningMs: number;
}

/**
 * In the parent: calls `onSilence` once when the thread has been silent for too long. Gives a function that ends it.
 * Silence is counted in looks, not by the clock: a machine that slept was silent on both sides.
 */
export function listenToHeart(heartbeat: SharedArrayBuffer, patience: Patience, onSilence: () => void): () => void {
  const count = new Int32Array(heartbeat);
  let last = 0;
  let silentMs = 0;
  const timer = setInterval(() => {
    const current = Atomics.load(count, 0);
    silentMs = current === last ? silentMs + LISTEN_MS : 0;
    last = current;
    if (silentMs < (current === 0 ? patience.startMs : patience.runningMs)) return;
    clearInterval(timer);
    onSilence();
  }, LISTEN_MS);
  return () => clearInterval(timer);
}
