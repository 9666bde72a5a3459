import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ActionProgress } from '../../../../../lib/shop/floor/shop-status.js';
import { count } from '../display/amount.js';

const VERB = { redrive: 'sent back', purge: 'dropped' } as const;

export interface ActionLineProps {
  readonly action: ActionProgress | undefined;
  readonly refusal: string | undefined;
  /**
   * Set while the end of an action is awaited. A short action is reported only when it is over; one that was over before is not
   * reported again.
   */
  readonly awaited: RefObject<boolean>;
  readonly say: (text: string) => void;
}

/** The progress of an action with dead letters, or its result; only the result is also announced. */
export function ActionLine({ action, refusal, awaited, say }: ActionLineProps) {
  const running = action?.state === 'running';
  const over = running ? undefined : action?.startedAt;
  const known = useRef(over);
  const fresh = useFresh(over, refusal);
  const text = refusal ?? (action === undefined ? '' : says(action));
  useEffect(() => {
    if (running) awaited.current = true;
    const isNews = refusal !== undefined || (over !== undefined && over !== known.current);
    known.current = over ?? known.current;
    if (!isNews || !awaited.current) return;
    awaited.current = false;
    say(text);
  }, [running, over, refusal]);
  return (
    <p class="answer">
      {running && <progress max={Math.max(1, action.total)} value={action.done} aria-label="Refused events done" />}
      {(running || fresh) && text}
    </p>
  );
}

/** Long enough to be read; a failure takes longer to read. */
const SHOWN_MS = 15_000;

/** Whether the result of an action is new: old ones disappear, and one from before the page was opened is not shown. */
function useFresh(over: number | undefined, refusal: string | undefined): boolean {
  const [fresh, setFresh] = useState(false);
  const mounted = useRef(false);
  useEffect(() => {
    if (!mounted.current) {
      mounted.current = true;
      return;
    }
    setFresh(true);
    const timer = setTimeout(() => setFresh(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [over, refusal]);
  return fresh;
}

function says({ kind, state, done, total, problem }: ActionProgress): string {
  if (state === 'running' && total === 0) return 'Reading the refused events.';
  const so = `${count(done)} of ${count(total)} ${VERB[kind]}`;
  if (state !== 'failed') return `${so}.`;
  return `${so}, not all: ${problem ?? 'others took them meanwhile'}. The same once more goes on with the rest.`;
}
