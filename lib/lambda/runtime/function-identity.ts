import { randomUUID } from 'node:crypto';

/** What an execution environment of a function is called, in the forms that its context and environment have. */
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
  /** Default 1024, the framework's own. */
  readonly memoryMb?: number | undefined;
  /** Default `us-east-1`, the framework's own. */
  readonly region?: string | undefined;
  /** Default that of no account, as AWS's own examples have it. */
  readonly account?: string | undefined;
}

/** A new execution environment: each has a log stream of its own, `2026/01/31/[$LATEST]` and 32 hexadecimal digits. */
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

/** The variables that Lambda's runtime sets from it. */
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
