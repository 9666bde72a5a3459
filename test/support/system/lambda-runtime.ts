import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { json } from 'node:stream/consumers';

export interface Answer {
  readonly kind: 'response' | 'error';
  readonly body: unknown;
}

/** A function that runs as Lambda runs it: in a process that asks the runtime API for invocations, one after the other. */
export interface LambdaRuntime {
  invoke(event: unknown): Promise<Answer>;
  readonly stderr: () => string;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;

export async function startLambda(handlerFile: string, env: Record<string, string>): Promise<LambdaRuntime> {
  const invocations: { readonly id: string; readonly event: unknown; readonly resolve: (answer: Answer) => void }[] =
    [];
  const running = new Map<string, (answer: Answer) => void>();
  let waiting: ServerResponse | undefined;
  const hand = (): void => {
    const [next] = waiting === undefined ? [] : invocations.splice(0, 1);
    if (next === undefined) return;
    running.set(next.id, next.resolve);
    waiting?.setHeader('lambda-runtime-aws-request-id', next.id);
    waiting?.setHeader('lambda-runtime-deadline-ms', `${Date.now() + TIMEOUT_MS}`);
    waiting?.setHeader('lambda-runtime-invoked-function-arn', 'arn:aws:lambda:us-east-1:000000000000:function:worker');
    waiting?.end(JSON.stringify(next.event));
    waiting = undefined;
  };
  const server = createServer(async (request, response) => {
    if (request.url === '/2018-06-01/runtime/invocation/next') {
      waiting = response;
      hand();
      return;
    }
    const [, id = '', kind] =
      request.url?.match(/^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/) ?? [];
    const body = await json(request);
    response.writeHead(202).end();
    running.get(id)?.({ kind: kind as Answer['kind'], body });
    running.delete(id);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const api = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bootstrap = resolve('test/system/services/lambda/bootstrap.mjs');
  const child: ChildProcess = spawn(process.execPath, [bootstrap], {
    env: { PATH: process.env['PATH'], AWS_LAMBDA_RUNTIME_API: api, _HANDLER: resolve(handlerFile), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return {
    invoke: (event) =>
      new Promise((resolveAnswer) => {
        invocations.push({ id: randomUUID(), event, resolve: resolveAnswer });
        hand();
      }),
    stderr: () => stderr,
    close: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      server.close();
    },
  };
}
