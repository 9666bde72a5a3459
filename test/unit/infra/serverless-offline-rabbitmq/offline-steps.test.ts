import { expect, it } from 'vitest';
import { takeSteps } from '../../../../infra/serverless-offline-rabbitmq/offline-steps.js';

it('takes the steps after all others; who has hooks for them as well is not called twice', () => {
  const named = (pluginName: string) => ({ pluginName, hook: () => undefined });
  const hooks = {
    'before:offline:start': [named('Bundler'), named('Own'), named('Seeds')],
    'before:offline:start:init': [named('Own'), named('Bundler')],
  };
  takeSteps({ pluginManager: { hooks, spawn: async () => undefined } }, 'Own');
  expect(hooks['before:offline:start'].map(({ pluginName }) => pluginName)).toEqual(['Seeds', 'Own']);
});
