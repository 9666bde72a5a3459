import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { exportTraces } from '../../tracing/exporter.js';
import { startRequest } from '../../tracing/request-span.js';
import type { OutgoingMessage } from '../event/batch-result.js';
import { lambdaFunction } from './lambda-function.js';
import { createLogger } from './logger.js';

/** A request with its body as the bytes that were sent. */
export interface HttpRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly requestId: string;
  /** The trace that it belongs to, for the header of what follows from it (W3C Trace Context). */
  readonly traceparent: string | undefined;
}

export interface HttpResponse {
  readonly statusCode: number;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** A JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** What a request leads to: an answer for when the broker has confirmed `outgoing`, and one for when it has not. */
export interface HttpDecision {
  readonly response: HttpResponse;
  readonly outgoing: readonly OutgoingMessage[];
  readonly unsent?: HttpResponse;
}

/** Sends messages and resolves when the broker has confirmed and routed each of them. */
export type Publish = (outgoing: readonly OutgoingMessage[]) => Promise<void>;

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const IDS_LOGGED = 10;

/** Makes a Lambda handler for HTTP (API Gateway, payload format 2.0) from a decision about one request. */
export function httpFunction(
  serviceName: string,
  decide: (request: HttpRequest) => HttpDecision,
  publish: Publish,
): HttpHandler {
  const log = createLogger(serviceName);
  const answer = async (
    event: APIGatewayProxyEventV2,
    context: Context,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    await exportTraces(serviceName, (message) => log.error(message));
    const span = startRequest(event);
    const { response, outgoing, unsent } = decide(toRequest(event, context, span.traceparent));
    try {
      if (outgoing.length > 0) await publish(outgoing);
      span.end(response.statusCode);
      return toResult(response);
    } catch (error) {
      span.end((unsent ?? response).statusCode);
      log.error('not published', {
        messages: outgoing.length,
        messageIds: outgoing.slice(0, IDS_LOGGED).map(({ messageId }) => messageId),
        reason: (error as Error).message,
      });
      return toResult(unsent ?? problemResponse(503, 'the event could not be published'));
    }
  };
  return lambdaFunction(log, answer);
}

const TITLES: Record<number, string> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** A problem document (RFC 9457). */
export function problem(status: number, detail: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: 'about:blank', title: TITLES[status], status, detail, ...more };
}

/** The same as an answer. */
export function problemResponse(statusCode: number, detail: string, more?: Record<string, unknown>): HttpResponse {
  return { statusCode, contentType: 'application/problem+json', body: problem(statusCode, detail, more) };
}

function toRequest(
  { headers, body, isBase64Encoded }: APIGatewayProxyEventV2,
  { awsRequestId }: Context,
  traceparent: string | undefined,
): HttpRequest {
  return {
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
    requestId: awsRequestId,
    traceparent,
  };
}

function toResult({
  statusCode,
  contentType = 'application/json',
  body,
}: HttpResponse): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': contentType }, body: JSON.stringify(body) };
}
