import type { Spread } from './statistics.js';

/** What a figure must reach, if it is held to anything. */
export interface Target {
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** One more figure: what it is, and its unit. */
export interface Figure extends Target {
  readonly what: string;
  readonly unit: string;
  readonly spread: Spread;
}

/** Whether a median reaches its target; without one it does. */
export function isMet({ atLeast = -Infinity, atMost = Infinity }: Target, { median }: Spread): boolean {
  return median >= atLeast && median <= atMost;
}
