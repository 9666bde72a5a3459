import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Letter } from '../../../../../lib/shop/floor/letters.js';
import type { ActionProgress } from '../../../../../lib/shop/floor/shop-status.js';
import { act } from './act.js';
import { Confirm } from './confirm.js';
import { productOf } from './what.js';

/** Asks the server to redrive or purge dead letters. */
export type Wish = (kind: ActionProgress['kind'], which: object) => Promise<void>;

export interface Acting {
  readonly wish: Wish;
  /** Why the server refused the last action. */
  readonly refusal: string | undefined;
  /** Set while the end of one's own action is awaited. */
  readonly awaited: RefObject<boolean>;
}

export function useActing(): Acting {
  const [refusal, setRefusal] = useState<string>();
  const awaited = useRef(false);
  const wish: Wish = async (kind, which) => {
    awaited.current = true;
    setRefusal(await act(kind, which));
  };
  return { wish, refusal, awaited };
}

export interface LetterActionsProps {
  readonly letter: Letter;
  /** An action is under way: there is one at a time. */
  readonly busy: boolean;
  readonly wish: Wish;
}

/** What the user can do about a waiting dead letter. */
export function LetterActions({ letter, busy, wish }: LetterActionsProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const product = productOf(letter.latest);
  const which = { ids: [letter.latest.id] };
  return (
    <>
      <button
        type="button"
        class="tool small"
        disabled={busy}
        aria-label={`Send back ${product}`}
        onClick={() => void wish('redrive', which)}
      >
        Send back
      </button>
      <button
        type="button"
        class="tool small"
        disabled={busy}
        aria-label={`Drop … ${product}`}
        onClick={() => dialog.current?.showModal()}
      >
        Drop …
      </button>
      <Confirm
        dialog={dialog}
        question={`Drop this event of ${product} for good?`}
        yes="Drop it"
        onYes={() => void wish('purge', which)}
      />
    </>
  );
}
