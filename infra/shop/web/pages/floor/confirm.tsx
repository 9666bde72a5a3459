import type { RefObject } from 'preact';

export interface ConfirmProps {
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly question: string;
  readonly yes: string;
  readonly onYes: () => void;
}

/** Asks before something irreversible; Escape and the first button cancel. */
export function Confirm({ dialog, question, yes, onYes }: ConfirmProps) {
  return (
    <dialog ref={dialog} class="confirm" aria-label={question}>
      <p>{question}</p>
      <div class="tools">
        <button type="button" class="tool" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          class="tool is-refused"
          onClick={() => {
            dialog.current?.close();
            onYes();
          }}
        >
          {yes}
        </button>
      </div>
    </dialog>
  );
}
