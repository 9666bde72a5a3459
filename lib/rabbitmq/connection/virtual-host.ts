/** The same broker, at the virtual host that an event names. */
export function atVirtualHost(amqpUrl: string, virtualHost: string | undefined): string {
  if (virtualHost === undefined) return amqpUrl;
  const url = new URL(amqpUrl);
  url.pathname = `/${encodeURIComponent(virtualHost)}`;
  return url.href;
}
