import { compileRule, FilterPatternError, objectAt, type Scalar } from './filter-rules.js';

/** Decides from a message's body whether it reaches the function. */
export type BodyFilter = (body: Buffer) => boolean;

/** Lambda's default quota: more patterns are possible only if AWS has raised the quota, at most to `MAX_PATTERNS`. */
export const USUAL_PATTERNS = 5;
const MAX_PATTERNS = 10;
const MAX_PATTERN_CHARACTERS = 4096;

/**
 * Lambda's `FilterCriteria` of an Amazon MQ event source: patterns of which one must match, over the key `data` only. A list of
 * rules is meant for plain text, an object for JSON. A body of the other kind, or one that is not UTF-8, passes: Lambda then
 * looks at metadata only, and Amazon MQ has none. Numbers are compared by value; Lambda compares them as they are written (300 is
 * not 300.0 there).
 * @throws FilterPatternError
 */
export function compileFilterPatterns(patterns: readonly unknown[]): BodyFilter {
  if (patterns.length > MAX_PATTERNS) {
    throw new FilterPatternError(`${patterns.length} patterns; Lambda takes at most ${MAX_PATTERNS}`);
  }
  const filters = patterns.map((pattern, index) => compilePattern(pattern, `filterPatterns[${index}]`));
  if (filters.length === 0) return () => true;
  return (body) => {
    const content = contentOf(body);
    return filters.some((matches) => matches(content));
  };
}

type Json = string | number | boolean | null | Json[] | { readonly [key: string]: Json };

/** A body as filters see it; undefined if it is not UTF-8. */
type Content = { readonly text: string } | { readonly json: Json } | undefined;

/** Applied to a value of the message, undefined if there is none. */
type Matches = (value: Json | undefined) => boolean;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function contentOf(body: Buffer): Content {
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return undefined;
  }
  try {
    const json = JSON.parse(text) as Json;
    if (typeof json === 'object' && json !== null) return { json };
  } catch {
    // Plain text, then.
  }
  return { text };
}

function compilePattern(pattern: unknown, path: string): (content: Content) => boolean {
  const fields = objectAt(pattern, path);
  if (JSON.stringify(fields).length > MAX_PATTERN_CHARACTERS) {
    throw new FilterPatternError(`${path}: more than ${MAX_PATTERN_CHARACTERS} characters of JSON`);
  }
  const others = Object.keys(fields).filter((key) => key !== 'data');
  if (others.length > 0 || fields['data'] === undefined) {
    throw new FilterPatternError(
      `${path}: Amazon MQ filters by the key data only, not by ${others.join(', ') || 'none'}`,
    );
  }
  const matches = compileNode(fields['data'], `${path}.data`);
  if (Array.isArray(fields['data'])) {
    return (content) => content === undefined || !('text' in content) || matches(content.text);
  }
  return (content) => content === undefined || !('json' in content) || matches(content.json);
}

function compileNode(node: unknown, path: string): Matches {
  if (!Array.isArray(node)) return compileObject(objectAt(node, path), path);
  if (node.length === 0) throw new FilterPatternError(`${path}: a list of rules must not be empty`);
  const rules = node.map((rule, index) => compileRule(rule, `${path}[${index}]`));
  return (value) => {
    const values = scalarsOf(value);
    return rules.some((rule) => rule(values));
  };
}

function compileObject(fields: Readonly<Record<string, unknown>>, path: string): Matches {
  const entries = Object.entries(fields);
  if (entries.length === 0) throw new FilterPatternError(`${path}: an object must have a field`);
  const conditions = entries.map(([key, node]): Matches => {
    if (key === '$or') return compileOr(node, `${path}.$or`);
    const matches = compileNode(node, `${path}.${key}`);
    return (value) => matches(fieldOf(value, key));
  });
  const all: Matches = (value) => conditions.every((matches) => matches(value));
  // All fields of one pattern must match within one element.
  const matches: Matches = (value) =>
    Array.isArray(value) && value.length > 0 ? value.some((element) => matches(element)) : all(value);
  return matches;
}

function compileOr(alternatives: unknown, path: string): Matches {
  if (!Array.isArray(alternatives) || alternatives.length < 2) {
    throw new FilterPatternError(`${path}: must be a list of at least two objects`);
  }
  const matchers = alternatives.map((one, index) =>
    compileObject(objectAt(one, `${path}[${index}]`), `${path}[${index}]`),
  );
  return (value) => matchers.some((matches) => matches(value));
}

function fieldOf(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return value[key];
}

/** What rules apply to: leaves only. */
function scalarsOf(value: Json | undefined): readonly Scalar[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  if (typeof value === 'object' && value !== null) return [];
  return [value];
}
