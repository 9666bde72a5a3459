/** The state of a page's connection to its server. `closed`: the session has ended, and only a new link helps. */
export type Link = 'connecting' | 'open' | 'lost' | 'closed';

const REOPEN_MS = 1_500;

/**
 * Listens to a server that may go away and come back; each new connection begins with a snapshot, so nothing is missed.
 * @returns a function that stops it
 */
export function listenToServer<Told>(
  path: string,
  onTold: (told: Told) => void,
  onLink: (link: Link) => void,
): () => void {
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(`${path}/live`);
    source.onopen = () => onLink('open');
    source.onmessage = ({ data }) => onTold(JSON.parse(data) as Told);
    source.onerror = () => {
      onLink('lost');
      // While connecting, the browser retries by itself; after an answer that is not an event stream, it gives up.
      if (source?.readyState === EventSource.CLOSED) void reopen();
    };
  };
  const reopen = async (): Promise<void> => {
    source?.close();
    const answer = await fetch(`${path}/snapshot`).catch(() => undefined);
    if (answer?.status === 401) onLink('closed');
    else reopening = setTimeout(open, REOPEN_MS);
  };
  open();
  return () => {
    clearTimeout(reopening);
    source?.close();
  };
}
