import type { SchemaNode } from './schema-node.js';

/**
 * The variant of a union a value is meant to be, so that its mistakes are reported against that one alone: by the
 * kind of value first, then by a discriminator such as `kind: sip`, then by a key the variant needs, then by any it has.
 */
export function variantFor(variants: readonly SchemaNode[], value: unknown): SchemaNode | undefined {
  const kind = kindOf(value);
  const fitting = variants.filter((v) => accepts(v, kind, value));
  if (fitting.length <= 1 || kind !== 'object') return fitting[0];
  const record = value as Readonly<Record<string, unknown>>;
  const named = fitting.find((v) => discriminated(v, record));
  const has = (keys: readonly string[] = []) => keys.some((key) => Object.hasOwn(record, key));
  const byKey =
    fitting.find((v) => has(v.required)) ?? fitting.find((v) => has(Object.keys(v.properties ?? {})));
  return named ?? byKey ?? fitting[0];
}

export type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'nothing';

export function kindOf(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'nothing';
}

function accepts(node: SchemaNode, kind: Kind, value: unknown): boolean {
  if (node.const !== undefined) return node.const === value;
  if (node.enum !== undefined) return node.enum.includes(value);
  if (node.anyOf !== undefined) return node.anyOf.some((v) => accepts(v, kind, value));
  return node.type === kind || (node.type === 'integer' && kind === 'number');
}

/** Whether a key of the value fixes this variant, as `kind: webhook` does. */
function discriminated(node: SchemaNode, value: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(node.properties ?? {}).some(
    ([key, p]) => p.const !== undefined && p.const === value[key],
  );
}
