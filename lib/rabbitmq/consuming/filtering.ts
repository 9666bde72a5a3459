import type { BodyFilter } from '../../lambda/event/filter-patterns.js';
import type { Subscription } from './subscription.js';

export interface FilterOptions {
  readonly filter?: BodyFilter;
  /** Called with the number of messages that were refused since the last call. */
  readonly onFiltered: (messages: number) => void;
}

const FILTERED_EVERY_MS = 1_000;

/** Refuses messages that the filter does not match, and reports them from time to time. */
export function filtering({ filter, onFiltered }: FilterOptions): Pick<Subscription, 'accepts'> {
  if (filter === undefined) return {};
  let refused = 0;
  const tell = (): void => {
    onFiltered(refused);
    refused = 0;
  };
  return {
    accepts: ({ content }) => {
      const matches = filter(content);
      if (!matches && refused++ === 0) setTimeout(tell, FILTERED_EVERY_MS).unref();
      return matches;
    },
  };
}
