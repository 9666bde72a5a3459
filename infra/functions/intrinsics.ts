/**
 * Resolves what serverless-offline resolves of CloudFormation in an environment: `Fn::Join` with plain parts, and `Fn::Sub` with
 * its own variables. What only a deployment knows, such as a `Ref`, stays an object.
 */
export function resolveIntrinsics(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolveIntrinsics);
  if (typeof value !== 'object' || value === null) return value;
  const { 'Fn::Join': join, '!Join': shortJoin = join, 'Fn::Sub': sub, '!Sub': shortSub = sub } = value as Intrinsic;
  if (Array.isArray(shortJoin) && Array.isArray(shortJoin[1])) {
    return shortJoin[1].map(resolveIntrinsics).join(String(shortJoin[0]));
  }
  if (typeof shortSub === 'string') return shortSub;
  if (Array.isArray(shortSub)) return substituted(String(shortSub[0]), (shortSub[1] ?? {}) as Record<string, unknown>);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolveIntrinsics(part)]));
}

type Intrinsic = Readonly<Partial<Record<'Fn::Join' | '!Join' | 'Fn::Sub' | '!Sub', unknown>>>;

function substituted(template: string, variables: Readonly<Record<string, unknown>>): string {
  return template.replaceAll(/\${(.*?)}/g, (whole, name: string) =>
    name in variables ? String(resolveIntrinsics(variables[name])) : whole,
  );
}
