import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** An OpenTelemetry collector, as far as a test needs one. */
export interface Collector {
  readonly endpoint: string;
  /** Spans so far, by trace: the service that sent each, and its name. */
  traces(): ReadonlyMap<string, readonly string[]>;
  close(): void;
}

/** OTLP over HTTP in JSON. */
interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { key: string; value: { stringValue?: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly { traceId: string; name: string }[] }[];
  }[];
}

export async function openCollector(): Promise<Collector> {
  const traces = new Map<string, string[]>();
  const server = createServer(async (request, response) => {
    const { resourceSpans } = (await json(request)) as Exported;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
      for (const { traceId, name } of scopeSpans.flatMap(({ spans }) => spans)) {
        traces.set(traceId, [...(traces.get(traceId) ?? []), `${service}: ${name}`]);
      }
    }
    response.setHeader('content-type', 'application/json').end('{}');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    traces: () => traces,
    close: () => void server.close(),
  };
}
