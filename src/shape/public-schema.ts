import type { TSchema } from 'typebox';

/**
 * A schema as others read it (editors, `/openapi.json`). Ours says "required, default 5" of a key that is always
 * there after reading; to whoever writes the document such a key is optional. Our own text formats are left out:
 * validators elsewhere stumble over a format they do not know.
 */
export const publicSchema = (schema: TSchema): TSchema => visit(schema) as TSchema;

function visit(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(visit);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key, value]) => !(key === 'format' && typeof value === 'string'),
  );
  const copy = Object.fromEntries(
    entries.map(([key, value]) => [key, key === 'default' ? value : visit(value)]),
  );
  const { properties, required } = node as {
    properties?: Record<string, { default?: unknown }>;
    required?: string[];
  };
  if (properties === undefined || !Array.isArray(required)) return copy;
  const needed = required.filter((key) => properties[key]?.default === undefined);
  if (needed.length > 0) return { ...copy, required: needed };
  return Object.fromEntries(Object.entries(copy).filter(([key]) => key !== 'required'));
}
