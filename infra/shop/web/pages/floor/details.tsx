import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface DetailsProps {
  readonly title: string;
  readonly note: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Everything known about the selected item of a list, next to it. Escape closes it and returns the focus to the item. */
export function Details({ title, note, onClose, children }: DetailsProps) {
  const opener = useRef(document.activeElement);
  const panel = useRef<HTMLElement>(null);
  const close = (): void => {
    onClose();
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  useEffect(() => panel.current?.scrollIntoView({ block: 'nearest' }), []);
  useEffect(() => {
    const onKey = (pressed: KeyboardEvent): void => {
      if (pressed.key === 'Escape' && document.querySelector('dialog[open]') === null) close();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });
  return (
    <section class="panel details" aria-label="Details" ref={panel}>
      <header class="panel-top">
        <div>
          <h2>{title}</h2>
          <p class="quiet">{note}</p>
        </div>
        <button type="button" class="tool" onClick={close}>
          Close
        </button>
      </header>
      {children}
    </section>
  );
}
