import { activeTracer } from './trace-context.js';

/** Shorter than the five and ten seconds of other SDKs: a developer does not want to wait, least of all at the end. */
const EXPORT_EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;

/** The newest versions that run on Node 20. */
const PACKAGES = [
  '@opentelemetry/sdk-trace-node@2',
  '@opentelemetry/resources@2',
  '@opentelemetry/exporter-trace-otlp-http@0.223',
];

let exporting: Promise<Provider | undefined> | undefined;

interface Provider {
  forceFlush(): Promise<void>;
}

/** Whether the environment asks for traces: OpenTelemetry's own variables, but nothing is sent if none is set. */
function isWanted(env: NodeJS.ProcessEnv): boolean {
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return Boolean(endpoint) && env['OTEL_SDK_DISABLED'] !== 'true' && env['OTEL_TRACES_EXPORTER'] !== 'none';
}

/**
 * Sends the traces of this thread to an OpenTelemetry collector, if the environment names one and no other SDK is registered.
 * Resolves when spans are recorded, or cannot be; called again, it does nothing.
 * @param onProblem called with what to install
 */
export async function exportTraces(serviceName: string, onProblem: (message: string) => void): Promise<void> {
  if (exporting === undefined && (!isWanted(process.env) || activeTracer() !== undefined)) return;
  exporting ??= start(serviceName, process.env).catch(({ message }: Error) => {
    onProblem(message);
    return undefined;
  });
  await exporting;
}

/** Resolves when everything recorded so far is sent, or cannot be. */
export async function flushTraces(): Promise<void> {
  const provider = await exporting;
  await provider?.forceFlush().catch(() => undefined);
}

async function start(serviceName: string, env: NodeJS.ProcessEnv): Promise<Provider> {
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, resources] = await load();
  const named = resources.resourceFromAttributes({ 'service.name': serviceName });
  // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
  const told = resources.detectResources({ detectors: [resources.envDetector] });
  const { OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: ofTraces, OTEL_EXPORTER_OTLP_TIMEOUT: ofAll } = env;
  const timeoutMillis = Number(ofTraces || ofAll || TIMEOUT_MS);
  const scheduledDelayMillis = Number(env['OTEL_BSP_SCHEDULE_DELAY'] || EXPORT_EVERY_MS);
  const provider = new NodeTracerProvider({
    resource: named.merge(told),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ timeoutMillis }), { scheduledDelayMillis })],
  });
  provider.register();
  return provider;
}

/**
 * Loads the optional peer dependencies. Bundlers must not look for packages that may not be installed, so they see no name here,
 * and the two that report an unknown name as an error are told to ignore it.
 */
async function load() {
  try {
    return await Promise.all([
      optional<typeof import('@opentelemetry/sdk-trace-node')>('@opentelemetry/sdk-trace-node'),
      optional<typeof import('@opentelemetry/exporter-trace-otlp-http')>('@opentelemetry/exporter-trace-otlp-http'),
      optional<typeof import('@opentelemetry/resources')>('@opentelemetry/resources'),
    ]);
  } catch (cause) {
    throw new Error(`OTEL_EXPORTER_OTLP_ENDPOINT asks for traces: npm install ${PACKAGES.join(' ')}`, { cause });
  }
}

function optional<Module>(name: string): Promise<Module> {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
