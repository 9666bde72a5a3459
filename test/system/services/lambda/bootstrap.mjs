// A Lambda runtime, as small as its API allows: requests an invocation, calls the handler, posts what it returned or threw.
import { pathToFileURL } from 'node:url';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;
const { handler } = await import(pathToFileURL(process.env._HANDLER).href);

for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  if (next.status !== 200) break;
  const awsRequestId = next.headers.get('lambda-runtime-aws-request-id');
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  const context = {
    awsRequestId,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: next.headers.get('lambda-runtime-invoked-function-arn'),
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const [kind, answer] = await handler(await next.json(), context).then(
    (result) => ['response', result],
    (error) => ['error', { errorType: error.name, errorMessage: error.message }],
  );
  await fetch(`${api}/invocation/${awsRequestId}/${kind}`, { method: 'POST', body: JSON.stringify(answer ?? null) });
}
process.exit(0);
