import type { TSchema } from 'typebox';
import { closest } from './closest.js';
import { formatPath, type Path, type Problem } from './path.js';
import { type SchemaNode, wanted } from './schema-node.js';
import { kindOf, variantFor } from './union-variant.js';

/** Checks of text by the schema's `format`; each says what the text must be, or nothing when it is that. */
export type Formats = Readonly<Record<string, (text: string) => string | undefined>>;

export interface ShapeOptions {
  readonly formats: Formats;
  /** Paths whose text came out of a `${VARIABLE}`: there, text that reads as a number or boolean is one. */
  readonly substituted?: ReadonlySet<string>;
}

export interface CheckedShape {
  /** A copy with the defaults filled in; use it only when there are no problems. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/**
 * Checks a value against a schema and reports every mistake with its path. Ajv can do the first half; the second
 * (one line per mistake, unions judged by the variant that was meant) is why this walk is our own. A test holds
 * the two to the same verdict.
 */
export function checkShape(schema: TSchema, value: unknown, options: ShapeOptions): CheckedShape {
  const walk = new Walk(options);
  const copy = walk.node(schema, value, []);
  return { value: copy, problems: walk.problems };
}

class Walk {
  readonly problems: Problem[] = [];
  constructor(private readonly options: ShapeOptions) {}

  node(schema: SchemaNode, raw: unknown, path: Path): unknown {
    const value = this.fromText(schema, raw, path);
    if (schema.anyOf !== undefined) {
      const variant = variantFor(schema.anyOf, value);
      return variant === undefined ? this.wrong(schema, value, path) : this.node(variant, value, path);
    }
    if (schema.const !== undefined) return value === schema.const ? value : this.wrong(schema, value, path);
    if (schema.enum !== undefined)
      return schema.enum.includes(value) ? value : this.wrong(schema, value, path);
    if (schema.type === undefined) return value;
    const kind = kindOf(value);
    if (schema.type === 'object' && kind === 'object') return this.mapping(schema, value as Mapping, path);
    if (schema.type === 'array' && Array.isArray(value)) return this.list(schema, value, path);
    if (typeof value === 'string' && schema.type === 'string') return this.text(schema, value, path);
    if (typeof value === 'number') return this.number(schema, value, path);
    return kind === schema.type ? value : this.wrong(schema, value, path);
  }

  private mapping(schema: SchemaNode, value: Mapping, path: Path): Mapping {
    const copy: Record<string, unknown> = {};
    const properties = schema.properties ?? {};
    for (const [key, item] of Object.entries(value)) {
      const property = Object.hasOwn(properties, key) ? properties[key] : patternProperty(schema, key);
      if (property !== undefined) copy[key] = this.node(property, item, [...path, key]);
      else if (schema.additionalProperties === false || schema.patternProperties !== undefined) {
        this.report([...path, key], unknownKey(schema, key));
      } else copy[key] = item;
    }
    for (const [key, property] of Object.entries(properties)) {
      if (Object.hasOwn(value, key)) continue;
      if (property.default !== undefined)
        copy[key] = this.node(property, structuredClone(property.default), [...path, key]);
      else if (schema.required?.includes(key) === true)
        this.report([...path, key], `is missing; give ${wanted(property)}`);
    }
    if (Object.keys(value).length > (schema.maxProperties ?? Infinity)) {
      this.report(path, `has more than ${schema.maxProperties} entries`);
    }
    return copy;
  }

  private list(schema: SchemaNode, value: readonly unknown[], path: Path): unknown {
    if (value.length < (schema.minItems ?? 0)) this.report(path, `needs at least ${schema.minItems} item(s)`);
    if (value.length > (schema.maxItems ?? Infinity))
      this.report(path, `has more than ${schema.maxItems} items`);
    const { items } = schema;
    if (items === undefined) return value;
    // The cap keeps a hostile list from costing more than the answer that refuses it.
    return value.slice(0, schema.maxItems).map((item, i) => this.node(items, item, [...path, i]));
  }

  private text(schema: SchemaNode, value: string, path: Path): string {
    if (value.length < (schema.minLength ?? 0)) this.report(path, 'is empty');
    else if (value.length > (schema.maxLength ?? Infinity))
      this.report(path, `is longer than ${schema.maxLength} characters`);
    else if (schema.format !== undefined) {
      const problem = this.options.formats[schema.format]?.(value);
      if (problem !== undefined) this.report(path, problem);
    }
    return value;
  }

  private number(schema: SchemaNode, value: number, path: Path): unknown {
    const kindFits = schema.type === 'number' || (schema.type === 'integer' && Number.isSafeInteger(value));
    const fits = kindFits && value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
    return fits ? value : this.wrong(schema, value, path);
  }

  private fromText(schema: SchemaNode, value: unknown, path: Path): unknown {
    if (typeof value !== 'string' || this.options.substituted?.has(formatPath(path)) !== true) return value;
    if ((schema.type === 'integer' || schema.type === 'number') && /^-?\d{1,15}$/.test(value))
      return Number(value);
    return schema.type === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value;
  }

  private wrong(schema: SchemaNode, value: unknown, path: Path): unknown {
    const words = schema.anyOf?.flatMap((v) => v.const ?? v.enum ?? []) ?? schema.enum ?? [];
    const meant = typeof value === 'string' ? closest(value, words.map(String)) : undefined;
    this.report(
      path,
      `must be ${wanted(schema)}, not ${inWords(value)}${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    );
    return value;
  }

  private report(path: Path, message: string): void {
    if (this.problems.length < 100) this.problems.push({ path, message });
  }
}

type Mapping = Readonly<Record<string, unknown>>;

function patternProperty(schema: SchemaNode, key: string): SchemaNode | undefined {
  if (key === '__proto__') return undefined;
  for (const [pattern, property] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return property;
  }
  return undefined;
}

function unknownKey(schema: SchemaNode, key: string): string {
  if (schema.properties === undefined)
    return 'is not a name: letters, digits, dot, hyphen and underscore, at most 64';
  const meant = closest(key, Object.keys(schema.properties));
  const known = Object.keys(schema.properties).join(', ');
  return `unknown key; ${meant === undefined ? `known here: ${known}` : `did you mean "${meant}"?`}`;
}

/** The value itself is never shown: it may be a secret in the wrong place. */
function inWords(value: unknown): string {
  const kind = kindOf(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return {
    object: 'a mapping',
    array: 'a list',
    string: 'this text',
    null: 'empty',
    nothing: 'nothing',
    number: '',
    boolean: '',
  }[kind];
}
