import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Details } from './details.js';
import { useOpen } from './view.js';

export interface BesideProps<Item> {
  /** The key of the item whose details these are. */
  readonly list: string;
  readonly items: readonly Item[];
  readonly titleOf: (item: Item) => string;
  readonly noteOf: (item: Item) => string;
  readonly detailsOf: (item: Item) => ComponentChildren;
  /** What is shown while nothing is open. */
  readonly children?: ComponentChildren;
}

/** The place next to a list, for the details of its open item, even after that has left the list. */
export function Beside<Item extends { readonly key: string }>(props: BesideProps<Item>) {
  const { list, items, titleOf, noteOf, detailsOf, children } = props;
  const { open, toggle } = useOpen(list);
  const kept = useRef<Item>(undefined);
  kept.current = items.find(({ key }) => key === open) ?? kept.current;
  const item = kept.current?.key === open ? kept.current : undefined;
  return (
    <div class={`stack beside${open === undefined ? '' : ' is-open'}`}>
      {open !== undefined && (
        <Details
          key={open}
          title={item === undefined ? 'No longer here' : titleOf(item)}
          note={item === undefined ? 'It is not among the latest any more.' : noteOf(item)}
          onClose={() => toggle(open)}
        >
          {item !== undefined && detailsOf(item)}
        </Details>
      )}
      {children}
    </div>
  );
}
