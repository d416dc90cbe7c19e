/** Loaded by `startTracing` alone, and only where tracing is on. */
import { context, diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
// Of this package, which reads the variables of the environment, and not of sdk-trace, which does not.
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { PROGRAM_VERSION } from '../program-version.ts';
import { SpanIds } from './span-ids.ts';
import type { StartedTracing, WarnOfTracing } from './started-tracing.ts';
import { Tracing } from './tracing.ts';

const NAME = 'reachability';
/** Milliseconds that the process waits at its end for the last spans to be exported. */
const STOP_TIMEOUT_MS = 2_000;

/**
 * Starts to export spans by OTLP over HTTP. Endpoint, headers, sampler, limits, batches and resource come from the OTEL_*
 * variables of the environment.
 */
export function startSdk(warn: WarnOfTracing): StartedTracing {
  diag.setLogger(diagnostics(warn), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const ids = new SpanIds();
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': NAME, 'service.version': PROGRAM_VERSION }))
      .merge(detectResources({ detectors: [envDetector] })),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  return {
    tracing: new Tracing(provider.getTracer(NAME, PROGRAM_VERSION), ids),
    stop: async () => {
      const timeout = new Promise((resolve) => setTimeout(resolve, STOP_TIMEOUT_MS).unref());
      const stopped = provider.shutdown().catch((error: unknown) => warn(String(error)));
      await Promise.race([stopped, timeout]);
    },
  };
}

function diagnostics(warn: WarnOfTracing): DiagLogger {
  const ignore = (): void => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}
