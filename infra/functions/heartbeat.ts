import { url as inspectorUrl } from 'node:inspector';

/**
 * How a thread shows that its event loop is running, and learns whether someone is debugging. It is shared memory, because a
 * thread that hangs can neither send nor read a message.
 */
export type Heartbeat = Int32Array<SharedArrayBuffer>;

/** Incremented by the thread's event loop: a loop that hangs stops counting. */
const BEATS = 0;
/** 1 while an inspector is listening: only the process knows, not its threads (tried with Node 20 to 24). */
const DEBUGGED = 1;

export function createHeartbeat(): Heartbeat {
  const heartbeat = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  lookForInspector(heartbeat);
  return heartbeat;
}

function lookForInspector(heartbeat: Heartbeat): void {
  Atomics.store(heartbeat, DEBUGGED, inspectorUrl() === undefined ? 0 : 1);
}

/** Whether someone may be at a breakpoint. */
export function isDebugged(heartbeat: Heartbeat): boolean {
  return Atomics.load(heartbeat, DEBUGGED) === 1;
}

/** Seldom, because every wake-up of an idle thread costs power. */
const BEAT_MS = 500;

/** In the thread: increments the counter for as long as the event loop is running. */
export function beat(heartbeat: Heartbeat): void {
  const once = (): void => void Atomics.add(heartbeat, BEATS, 1);
  once();
  setInterval(once, BEAT_MS);
}

/** Twice as long, so that a beat is never missed by chance. */
const LISTEN_MS = 1_000;

/** How long a thread may be silent, in milliseconds. */
export interface SilenceLimits {
  /** Until its first beat, because it has modules to load. */
  readonly startMs: number;
  readonly runningMs: number;
}

/**
 * In the parent: calls `onSilence` once when the thread has been silent for too long. Returns a function that ends the watch.
 * Silence is counted in checks rather than by the clock, because a machine that was asleep was silent on both sides. A process
 * under a debugger may be silent.
 */
export function listenToHeart(heartbeat: Heartbeat, patience: SilenceLimits, onSilence: () => void): () => void {
  let last = 0;
  let silentMs = 0;
  const timer = setInterval(() => {
    lookForInspector(heartbeat);
    const current = Atomics.load(heartbeat, BEATS);
    silentMs = current === last && !isDebugged(heartbeat) ? silentMs + LISTEN_MS : 0;
    last = current;
    if (silentMs < (current === 0 ? patience.startMs : patience.runningMs)) return;
    clearInterval(timer);
    onSilence();
  }, LISTEN_MS);
  return () => clearInterval(timer);
}
