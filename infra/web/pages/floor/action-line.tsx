import type { ActionProgress } from '../../../../lib/floor/shop-status.js';
import { count } from '../display/amount.js';

const VERB = { redrive: 'sent back', purge: 'dropped' } as const;

/** How far an action with dead letters is, or how it ended. */
export function ActionLine({ action, refusal }: { action: ActionProgress | undefined; refusal: string | undefined }) {
  return (
    <output class="answer">
      {action?.state === 'running' && (
        <progress max={Math.max(1, action.total)} value={action.done} aria-label="Dead letters done" />
      )}
      {refusal ?? (action === undefined ? '' : says(action))}
    </output>
  );
}

function says({ kind, state, done, total, problem }: ActionProgress): string {
  if (state === 'running' && total === 0) return 'Looking at the dead letters.';
  const so = `${count(done)} of ${count(total)} ${VERB[kind]}`;
  if (state !== 'failed') return `${so}.`;
  return `${so}, not all: ${problem ?? 'others took them meanwhile'}. The same once more goes on with the rest.`;
}
