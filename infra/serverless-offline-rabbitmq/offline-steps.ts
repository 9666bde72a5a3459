import type { Serverless } from '../functions/serverless.js';

const WHOLE = 'before:offline:start';
const STEPWISE = 'before:offline:start:init';

/**
 * Has `serverless offline` take the steps of `serverless offline start`, which alone lets plugins in between: this plugin's
 * hook, which takes them, is moved behind those of all others. Who has a hook for the steps as well, as bundlers do, would
 * be called twice; it is called for the steps.
 */
export function takeSteps({ pluginManager: { hooks } }: Pick<Serverless, 'pluginManager'>, ownName: string): void {
  const whole = hooks[WHOLE] ?? [];
  const stepwise = new Set(hooks[STEPWISE]?.map(({ pluginName }) => pluginName));
  const own = whole.filter(({ pluginName }) => pluginName === ownName);
  const others = whole.filter(({ pluginName }) => !stepwise.has(pluginName));
  whole.splice(0, whole.length, ...others, ...own);
}
