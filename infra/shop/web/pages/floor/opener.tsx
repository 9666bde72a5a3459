/** The same as a click on its row, for the keyboard. */
export function Opener({ open, label, onClick }: { open: boolean; label: string; onClick: () => void }) {
  return (
    <button type="button" aria-expanded={open} aria-label={label} onClick={onClick}>
      <svg width="8" height="12" viewBox="0 0 8 12" aria-hidden="true">
        <path d="M1.5 1.5 6 6l-4.5 4.5" />
      </svg>
    </button>
  );
}
