import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import protobuf from 'protobufjs';

/** A span as the collector has received it. Ids are hexadecimal. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** Ids of the spans that it links to. */
  readonly links: readonly string[];
  /** Attributes of the process. */
  readonly resource: Readonly<Record<string, string | number>>;
}

/** The part of OpenTelemetry's `trace_service.proto` that the tests read. */
const PROTO = `
  syntax = "proto3";
  message Request { repeated ResourceSpans resourceSpans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopeSpans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes traceId = 1; bytes spanId = 2; bytes parentSpanId = 4; string name = 5;
    repeated KeyValue attributes = 9; repeated Link links = 13;
  }
  message Link { bytes traceId = 1; bytes spanId = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string stringValue = 1; int64 intValue = 3; double doubleValue = 4; }
`;

interface KeyValue {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number;
    readonly doubleValue?: number;
  };
}

interface Request {
  readonly resourceSpans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans?: readonly {
      readonly spans?: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly attributes?: readonly KeyValue[];
        readonly links?: readonly { readonly spanId: string }[];
      }[];
    }[];
  }[];
}

const message = protobuf.parse(PROTO).root.lookupType('Request');

/** A collector of OpenTelemetry that keeps the spans which it receives over HTTP. */
export class OtlpCollector {
  readonly spans: CollectedSpan[] = [];
  readonly url: string;
  readonly #server: Server;

  constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        if (request.url === '/v1/traces') this.spans.push(...spansIn(body));
        response.setHeader('Content-Type', 'application/x-protobuf').end();
      });
    });
  }

  /** The spans with a name. */
  named(name: string): CollectedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** Starts a collector on a free port. */
export async function startOtlpCollector(): Promise<OtlpCollector> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return new OtlpCollector(server, address.port);
}

function spansIn(body: Buffer): CollectedSpan[] {
  const options = { bytes: String, longs: Number };
  const { resourceSpans = [] } = message.toObject(message.decode(body), options) as Request;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) =>
      spans.map(({ traceId, spanId, parentSpanId = '', name, attributes, links = [] }) => ({
        traceId: hex(traceId),
        spanId: hex(spanId),
        parentSpanId: hex(parentSpanId),
        name,
        attributes: valuesOf(attributes),
        links: links.map((link) => hex(link.spanId)),
        resource: valuesOf(resource?.attributes),
      })),
    ),
  );
}

/** @param bytes in Base64 */
function hex(bytes: string): string {
  return Buffer.from(bytes, 'base64').toString('hex');
}

function valuesOf(attributes: readonly KeyValue[] = []): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue ?? value.doubleValue ?? '',
    ]),
  );
}
