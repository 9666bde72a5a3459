import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runInstalled } from '../support/system/installed-command.js';
import { createService, INSTALLED, type OfflineService } from '../support/system/offline-service.js';

let service: OfflineService;

beforeEach(() => {
  service = createService({}, { ...INSTALLED, 'node_modules/serverless': 'node_modules/serverless' });
  mkdirSync(join(service.folder, 'src'));
  writeFileSync(join(service.folder, 'other.yml'), SERVICE);
  writeFileSync(
    join(service.folder, 'src/eat.ts'),
    `const named: string[] = ['STAGE', 'AWS_REGION', 'AWS_LAMBDA_FUNCTION_NAME'];
    export const handler = async (): Promise<void> => console.log(named.map((name) => process.env[name]).join(' '));`,
  );
});

afterEach(() => service.remove());

it('a service in another file is read, for a stage, a region and a parameter of its own', async () => {
  const smartShopping = (...args: string[]) => runInstalled(service.folder, args);
  const which = [
    '-c',
    'other.yml',
    '--stage',
    'prod',
    '-r',
    'eu-west-1',
    '--param',
    'queue=prod-in',
    '--param',
    'other=1',
  ];

  const parity = await smartShopping('parity', ...which, '--json');
  expect(parity).toMatchObject({ code: 0, stdout: expect.stringContaining('"queue":"prod-in"') });

  const event = await smartShopping('events', 'generate', '-q', 'prod-in');
  writeFileSync(join(service.folder, 'event.json'), event.stdout);
  expect(await smartShopping('events', 'replay', 'event.json', '-f', 'eat', ...which)).toMatchObject({
    code: 0,
    stderr: 'prod eu-west-1 other-prod-eat\n',
  });

  expect(await smartShopping('parity', '--config', 'none.yml')).toMatchObject({ code: 2 });
});

const SERVICE = `
service: other
plugins: [smart-shopping/serverless-offline-rabbitmq, serverless-offline]
provider:
  name: aws
  runtime: nodejs22.x
  stage: \${opt:stage, 'dev'}
  environment: { STAGE: '\${sls:stage}' }
params:
  default: { queue: in }
functions:
  eat:
    handler: src/eat.handler
    events:
      - rabbitmq:
          arn: arn:aws:mq:us-east-1:000000000000:broker:x:b-1
          basicAuthArn: arn:aws:secretsmanager:us-east-1:000000000000:secret:x-1
          queue: \${param:queue}
`;
