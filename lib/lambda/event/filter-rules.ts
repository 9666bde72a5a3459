/** A filter pattern that Lambda would refuse, and where in it. */
export class FilterPatternError extends Error {
  override readonly name = 'FilterPatternError';
}

export type Scalar = string | number | boolean | null;

/** Applied to the scalars of a field: none if it is missing, several if it is a list. */
export type Rule = (values: readonly Scalar[]) => boolean;

/** One rule of a pattern: a value, or an operator with its operand. @throws FilterPatternError */
export function compileRule(rule: unknown, path: string): Rule {
  if (isScalar(rule)) return (values) => values.includes(rule);
  const [entry, ...more] = Object.entries(objectAt(rule, path));
  if (entry === undefined || more.length > 0)
    throw new FilterPatternError(`${path}: a rule must have exactly one operator`);
  const [operator, operand] = entry;
  const compile = OPERATORS.get(operator);
  if (compile === undefined) {
    const known = [...OPERATORS.keys()].join(', ');
    throw new FilterPatternError(`${path}: unknown operator ${operator}; Lambda knows ${known}`);
  }
  return compile(operand, `${path}.${operator}`);
}

const OPERATORS: ReadonlyMap<string, (operand: unknown, path: string) => Rule> = new Map([
  ['prefix', (operand, path) => compileText(operand, path, (text, wanted) => text.startsWith(wanted))],
  ['suffix', (operand, path) => compileText(operand, path, (text, wanted) => text.endsWith(wanted))],
  [
    'equals-ignore-case',
    (operand, path) => compileText(operand, path, (text, wanted) => text.toLowerCase() === wanted.toLowerCase()),
  ],
  ['anything-but', compileAnythingBut],
  ['numeric', compileNumeric],
  ['exists', compileExists],
]);

function compileText(operand: unknown, path: string, matches: (text: string, wanted: string) => boolean): Rule {
  if (typeof operand !== 'string') throw new FilterPatternError(`${path}: must be a string`);
  return (values) => values.some((value) => typeof value === 'string' && matches(value, operand));
}

function compileAnythingBut(operand: unknown, path: string): Rule {
  const unwanted: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const kinds = new Set(unwanted.map((value) => typeof value));
  if (kinds.size !== 1 || !(kinds.has('string') || kinds.has('number'))) {
    throw new FilterPatternError(`${path}: must be a string, a number, or a list of either`);
  }
  return (values) => values.some((value) => !unwanted.includes(value));
}

const COMPARISONS: ReadonlyMap<unknown, (value: number, limit: number) => boolean> = new Map([
  ['=', (value: number, limit: number) => value === limit],
  ['<', (value: number, limit: number) => value < limit],
  ['<=', (value: number, limit: number) => value <= limit],
  ['>', (value: number, limit: number) => value > limit],
  ['>=', (value: number, limit: number) => value >= limit],
]);

/** One comparison, or a lower and an upper bound. */
function compileNumeric(operand: unknown, path: string): Rule {
  const parts: readonly unknown[] = Array.isArray(operand) ? operand : [];
  const shape = [parts[0], parts[2]].map(String).join(' ');
  const isRange = parts.length === 4 && /^>=? <=?$/.test(shape);
  const limits = [parts[1], ...(isRange ? [parts[3]] : [])];
  const comparisons = [parts[0], ...(isRange ? [parts[2]] : [])].map((sign) => COMPARISONS.get(sign));
  const isComplete = limits.every(Number.isFinite) && comparisons.every((compare) => compare !== undefined);
  if (!isComplete || !(isRange || parts.length === 2)) {
    throw new FilterPatternError(`${path}: must be like [">", 10, "<=", 20] or ["=", 100]`);
  }
  return (values) =>
    values.some(
      (value) =>
        typeof value === 'number' && comparisons.every((compare, index) => compare?.(value, limits[index] as number)),
    );
}

function compileExists(operand: unknown, path: string): Rule {
  if (typeof operand !== 'boolean') throw new FilterPatternError(`${path}: must be true or false`);
  return (values) => values.length > 0 === operand;
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

export function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new FilterPatternError(`${path}: must be a list of rules or an object, not ${JSON.stringify(value)}`);
}
