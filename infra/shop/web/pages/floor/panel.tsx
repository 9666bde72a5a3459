import type { ComponentChildren } from 'preact';
import { useHash, useNarrow } from '../use-live.js';
import { useView } from './view.js';

export interface PanelProps {
  readonly id: string;
  readonly title: string;
  readonly note?: string | undefined;
  /** A hint for those who see this for the first time. */
  readonly about?: string;
  /** On a phone it starts folded, because others are more important. */
  readonly folds?: boolean;
  readonly children: ComponentChildren;
}

export function Panel({ id, title, note, about, folds = false, children }: PanelProps) {
  const folded = useNarrow() && folds;
  const { view } = useView();
  const asked = useHash() === `#${id}`;
  const top = (
    <>
      <h2 id={id}>{title}</h2>
      {note !== undefined && <p class="quiet">{note}</p>}
    </>
  );
  const content = (
    <>
      {about !== undefined && <p class="panel-about">{about}</p>}
      {children}
    </>
  );
  return (
    <section class="panel" aria-labelledby={id}>
      {folded ? (
        <details open={asked || view.open.startsWith(`${id}:`)}>
          <summary class="panel-top">{top}</summary>
          {content}
        </details>
      ) : (
        <>
          <header class="panel-top">{top}</header>
          {content}
        </>
      )}
    </section>
  );
}
