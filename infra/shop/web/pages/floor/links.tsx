import type { ComponentChildren } from 'preact';
import { useView, type View } from './view.js';

interface LinkProps {
  readonly children: ComponentChildren;
  /** In long lists only for the mouse; the details have the same link for the keyboard. */
  readonly mouseOnly?: boolean;
}

/** A customer's name: opens this customer's page, with a link valid for an hour. */
export function CustomerLink({ customer, mouseOnly = false }: { customer: string } & Omit<LinkProps, 'children'>) {
  return (
    <a
      class="link-to"
      href={`${location.pathname}/customer?${new URLSearchParams({ name: customer })}`}
      target="_blank"
      rel="noopener"
      tabIndex={mouseOnly ? -1 : undefined}
    >
      {customer}
    </a>
  );
}

/** A product's number: filters the feed for what happened to it. */
export function ProductLink({ product, mouseOnly = false }: { product: string } & Omit<LinkProps, 'children'>) {
  return (
    <ViewLink change={{ find: product, what: '' }} panel="feed" mouseOnly={mouseOnly}>
      <span class="product">{product}</span>
    </ViewLink>
  );
}

/** A worker or its queue: filters the list of invocations. */
export function QueueLink({ queue, children }: { queue: string } & LinkProps) {
  return (
    <ViewLink change={{ queue, failed: '' }} panel="invocations">
      {children}
    </ViewLink>
  );
}

interface ViewLinkProps extends LinkProps {
  readonly change: Partial<View>;
  readonly panel: string;
}

function ViewLink({ change, panel, mouseOnly = false, children }: ViewLinkProps) {
  const { show } = useView();
  return (
    <a
      class="link-to"
      href={`?${new URLSearchParams(Object.entries(change).filter(([, value]) => value !== ''))}#${panel}`}
      tabIndex={mouseOnly ? -1 : undefined}
      onClick={(click) => {
        // Opening another tab is left to the browser.
        if (click.ctrlKey || click.metaKey || click.shiftKey) return;
        click.preventDefault();
        show(change);
        goTo(panel);
      }}
    >
      {children}
    </a>
  );
}

/** Opens a panel and scrolls to it, like an address that ends with its name. */
function goTo(panel: string): void {
  if (location.hash === `#${panel}`) document.getElementById(panel)?.scrollIntoView();
  else location.hash = panel;
}
