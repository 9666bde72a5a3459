import type { Spread } from './statistics.js';

/** One more figure: what it is, and its unit. */
export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly spread: Spread;
}
