import type { TSchema } from 'typebox';

/** The part of JSON Schema our TypeBox schemas are written in; {@link checkShape} knows no other keyword. */
export interface SchemaNode extends TSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: boolean;
  readonly maxProperties?: number;
  readonly items?: SchemaNode;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly SchemaNode[];
  readonly const?: string | number | boolean;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly title?: string;
  readonly description?: string;
}

/** What a user may write here, in words: `one of ringAll, longestIdle`, `a list`, `a whole number from 1 to 9`. */
export function wanted(node: SchemaNode): string {
  if (node.anyOf !== undefined) return node.anyOf.map(wanted).join(' or ');
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return `one of ${node.enum.map(String).join(', ')}`;
  if (node.type === 'object' && node.properties !== undefined) {
    return `a mapping with ${Object.keys(node.properties).slice(0, 4).join(', ')}`;
  }
  const number = node.type === 'integer' || node.type === 'number';
  return node.type === undefined ? 'anything' : `${WORDS[node.type]}${number ? range(node) : ''}`;
}

const WORDS: Readonly<Record<NonNullable<SchemaNode['type']>, string>> = {
  object: 'a mapping',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  string: 'text',
};

function range({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  return minimum === undefined ? '' : ` of at least ${minimum}`;
}
