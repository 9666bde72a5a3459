import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context as LambdaContext } from 'aws-lambda';
import type { Context } from 'hono';

/** Payload format 2.0, as far as `httpFunction` reads it. */
export async function toEvent({ req }: Context): Promise<APIGatewayProxyEventV2> {
  const event: Pick<
    APIGatewayProxyEventV2,
    'version' | 'routeKey' | 'rawPath' | 'headers' | 'body' | 'isBase64Encoded'
  > = {
    version: '2.0',
    routeKey: `${req.method} ${req.path}`,
    rawPath: req.path,
    headers: req.header(),
    body: Buffer.from(await req.arrayBuffer()).toString('base64'),
    isBase64Encoded: true,
  };
  return event as APIGatewayProxyEventV2;
}

/** The context of one invocation, as far as `httpFunction` reads it. */
export function invocation(functionName: string): LambdaContext {
  return { awsRequestId: randomUUID(), functionName } as LambdaContext;
}
