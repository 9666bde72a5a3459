import type { Serverless } from '../functions/serverless.js';

const WHOLE = 'before:offline:start';
const STEPWISE = 'before:offline:start:init';

/**
 * Makes `serverless offline` take the steps of `serverless offline start`, because only these let plugins in between: this
 * plugin's hook, which takes them, is moved behind those of all other plugins. A plugin with a hook for the steps as well, as
 * bundlers have, would be called twice; it is called for the steps only.
 */
export function takeSteps({ pluginManager: { hooks } }: Pick<Serverless, 'pluginManager'>, ownName: string): void {
  const whole = hooks[WHOLE] ?? [];
  const stepwise = new Set(hooks[STEPWISE]?.map(({ pluginName }) => pluginName));
  const own = whole.filter(({ pluginName }) => pluginName === ownName);
  const others = whole.filter(({ pluginName }) => !stepwise.has(pluginName));
  whole.splice(0, whole.length, ...others, ...own);
}
