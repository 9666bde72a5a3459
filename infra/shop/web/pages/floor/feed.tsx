import { useState } from 'preact/hooks';
import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';
import { count } from '../display/amount.js';
import { EventTable } from './event-table.js';
import { Panel } from './panel.js';
import { useView } from './view.js';
import { aboutOf, byOf, productOf, WHAT, type What, whatOf } from './what.js';

/** As many as fit before one filters rather than scrolls. */
const ROWS = 60;

/** Everything that happens, newest first. While paused, it stands still and the rest of the page goes on. */
export function Feed({ feed }: { feed: readonly PassedEvent[] }) {
  const [paused, setPaused] = useState<readonly PassedEvent[]>();
  const { view, show } = useView();
  const what = WHAT.find((each) => each === view.what);
  const words = view.find;
  const shown = (paused ?? feed).filter((event) => matches(event, what, words)).slice(0, ROWS);
  return (
    <Panel id="feed" title="Live feed" note={paused === undefined ? undefined : missedNote(paused, feed)}>
      <div class="tools">
        <button
          type="button"
          class="tool"
          aria-pressed={paused !== undefined}
          onClick={() => setPaused(paused ? undefined : feed)}
        >
          {paused === undefined ? 'Pause' : 'Go on'}
        </button>
        <label class="tool">
          <span class="hidden">What happened</span>
          <select value={what ?? ''} onChange={({ currentTarget }) => show({ what: currentTarget.value })}>
            <option value="">everything</option>
            {WHAT.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <label class="tool tool-wide">
          <span class="hidden">Product, customer or worker</span>
          <input
            type="search"
            placeholder="Product, customer or worker"
            value={words}
            onInput={({ currentTarget }) => show({ find: currentTarget.value })}
          />
        </label>
      </div>
      <div class="scroll">
        <EventTable list="feed" events={shown} />
        {shown.length === 0 && (
          <p class="quiet empty">{feed.length === 0 ? 'Nothing has happened yet.' : 'Nothing like that.'}</p>
        )}
      </div>
    </Panel>
  );
}

function matches(event: PassedEvent, what: What | undefined, words: string): boolean {
  if (what !== undefined && whatOf(event) !== what) return false;
  if (words === '') return true;
  const text = [productOf(event), aboutOf(event), byOf(event)].join(' ').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

function missedNote(paused: readonly PassedEvent[], feed: readonly PassedEvent[]): string {
  const [last] = paused;
  const missed = feed.findIndex(({ key }) => key === last?.key);
  return missed === -1 ? `paused, more than ${count(feed.length)} since` : `paused, ${count(missed)} since`;
}
