import { useEffect, useRef } from 'preact/hooks';
import type { ActionProgress } from '../../../../lib/floor/shop-status.js';
import { count } from '../display/amount.js';

const VERB = { redrive: 'sent back', purge: 'dropped' } as const;

export interface ActionLineProps {
  readonly action: ActionProgress | undefined;
  readonly refusal: string | undefined;
  readonly say: (text: string) => void;
}

/** How far an action with dead letters is, or how it ended; only that is also said. */
export function ActionLine({ action, refusal, say }: ActionLineProps) {
  const text = refusal ?? (action === undefined ? '' : says(action));
  const running = action?.state === 'running';
  const wasRunning = useRef(running);
  useEffect(() => {
    if (refusal !== undefined || (wasRunning.current && !running)) say(text);
    wasRunning.current = running;
  }, [running, refusal]);
  return (
    <p class="answer">
      {running && <progress max={Math.max(1, action.total)} value={action.done} aria-label="Dead letters done" />}
      {text}
    </p>
  );
}

function says({ kind, state, done, total, problem }: ActionProgress): string {
  if (state === 'running' && total === 0) return 'Looking at the dead letters.';
  const so = `${count(done)} of ${count(total)} ${VERB[kind]}`;
  if (state !== 'failed') return `${so}.`;
  return `${so}, not all: ${problem ?? 'others took them meanwhile'}. The same once more goes on with the rest.`;
}
