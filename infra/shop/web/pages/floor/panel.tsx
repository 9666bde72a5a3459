import type { ComponentChildren } from 'preact';

export interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
  /** For whoever sees this for the first time. */
  readonly about?: string;
  readonly children: ComponentChildren;
}

export function Panel({ id, title, note, about, children }: PanelProps) {
  return (
    <section class="panel" aria-labelledby={id}>
      <header class="panel-top">
        <h2 id={id}>{title}</h2>
        {note !== undefined && <p class="quiet">{note}</p>}
      </header>
      {about !== undefined && <p class="panel-about">{about}</p>}
      {children}
    </section>
  );
}
