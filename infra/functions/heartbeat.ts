import { url as inspectorUrl } from 'node:inspector';

/**
 * How a thread shows that its event loop turns, and is told whether somebody debugs. Shared memory, because a thread that
 * hangs neither sends nor reads a message.
 */
export type Heartbeat = Int32Array<SharedArrayBuffer>;

/** Counted up by the thread's event loop: a loop that hangs stops counting. */
const BEATS = 0;
/** 1 while an inspector listens: only the process knows, not its threads (Node 20 to 24, tried). */
const DEBUGGED = 1;

export function createHeartbeat(): Heartbeat {
  const heartbeat = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  lookForInspector(heartbeat);
  return heartbeat;
}

function lookForInspector(heartbeat: Heartbeat): void {
  Atomics.store(heartbeat, DEBUGGED, inspectorUrl() === undefined ? 0 : 1);
}

/** Whether somebody may sit at a breakpoint. */
export function isDebugged(heartbeat: Heartbeat): boolean {
  return Atomics.load(heartbeat, DEBUGGED) === 1;
}

/** Seldom: every wake-up of a thread that has nothing to do costs power. */
const BEAT_MS = 500;

/** In the thread: counts up for as long as the event loop turns. */
export function beat(heartbeat: Heartbeat): void {
  const once = (): void => void Atomics.add(heartbeat, BEATS, 1);
  once();
  setInterval(once, BEAT_MS);
}

/** Twice as long, so that a beat is never missed by chance. */
const LISTEN_MS = 1_000;

/** How long a thread may be silent, in milliseconds. */
export interface SilenceLimits {
  /** Until its first beat: it has modules to load. */
  readonly startMs: number;
  readonly runningMs: number;
}

/**
 * In the parent: calls `onSilence` once when the thread has been silent for too long. Gives a function that ends it.
 * Silence is counted in looks, not by the clock: a machine that slept was silent on both sides. Whoever debugs may be silent.
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
