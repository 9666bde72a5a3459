import { randomUUID } from 'node:crypto';

/** The identity of a function's execution environment, in the forms used by its context and environment. */
export interface FunctionIdentity {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export interface Naming {
  readonly functionName: string;
  /** Default 1024, like the framework's. */
  readonly memoryMb?: number | undefined;
  /** Default `us-east-1`, like the framework's. */
  readonly region?: string | undefined;
  /** Default: a placeholder account, as in AWS's own examples. */
  readonly account?: string | undefined;
}

/** A new execution environment: each has its own log stream, `2026/01/31/[$LATEST]` and 32 hexadecimal digits. */
export function newFunctionIdentity(naming: Naming): FunctionIdentity {
  const { functionName, memoryMb = 1024, region = 'us-east-1', account = '000000000000' } = naming;
  const functionVersion = '$LATEST';
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
  return {
    functionName,
    functionVersion,
    invokedFunctionArn: `arn:aws:lambda:${region}:${account}:function:${functionName}`,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: `${day}/[${functionVersion}]${randomUUID().replaceAll('-', '')}`,
  };
}

/** The variables that Lambda's runtime derives from it. */
export function identityEnvironment(identity: FunctionIdentity): Record<string, string> {
  const [, , , region = ''] = identity.invokedFunctionArn.split(':');
  return {
    AWS_LAMBDA_FUNCTION_NAME: identity.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: identity.functionVersion,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: identity.memoryLimitInMB,
    AWS_LAMBDA_LOG_GROUP_NAME: identity.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: identity.logStreamName,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
  };
}
