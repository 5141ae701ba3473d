import type { SchemaNode } from '../shape/schema-node.js';

/** One key of the configuration as `docs/config.md` lists it. */
export interface KeyRow {
  readonly key: string;
  readonly type: string;
  readonly usual: string;
  readonly meaning: string;
}

/** Every key below a node, depth first; a key that several variants of a union have is listed once. */
export function keyRows(node: SchemaNode, key: string, required: boolean): readonly KeyRow[] {
  const own: KeyRow = {
    key,
    type: typeOf(node),
    usual: usualOf(node, required),
    meaning: node.description ?? '',
  };
  const rows = new Map<string, KeyRow>([[key, own]]);
  for (const row of below(node, key)) {
    const known = rows.get(row.key);
    const type = known === undefined || known.type === row.type ? row.type : `${known.type} or ${row.type}`;
    rows.set(row.key, {
      ...row,
      type,
      meaning: known?.meaning === '' ? row.meaning : (known?.meaning ?? row.meaning),
    });
  }
  return [...rows.values()];
}

function below(node: SchemaNode, key: string): readonly KeyRow[] {
  return [
    ...variantRows(node.anyOf ?? [], key),
    ...(node.items === undefined ? [] : below(node.items, `${key}[]`)),
    ...Object.values(node.patternProperties ?? {}).flatMap((item) => below(item, `${key}.<name>`)),
    ...Object.entries(node.properties ?? {}).flatMap(([name, property]) =>
      keyRows(property, `${key}.${name}`, node.required?.includes(name) === true),
    ),
  ];
}

/** A key that one of several variants requires is not required as such. */
function variantRows(variants: readonly SchemaNode[], key: string): readonly KeyRow[] {
  const rows = variants.flatMap((variant) => below(variant, key));
  const several = variants.filter((v) => v.properties !== undefined).length > 1;
  return several ? rows.map((row) => ({ ...row, usual: row.usual === 'required' ? '' : row.usual })) : rows;
}

function usualOf(node: SchemaNode, required: boolean): string {
  if (node.default === undefined) return required ? 'required' : '';
  const text = JSON.stringify(node.default);
  return text === '{}' ? '' : `\`${text}\``;
}

function typeOf(node: SchemaNode): string {
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.enum !== undefined) return node.enum.map((word) => `\`${String(word)}\``).join(', ');
  if (node.type === 'array') return node.items === undefined ? 'list' : `list of ${typeOf(node.items)}`;
  if (node.type === 'object') return 'mapping';
  if (node.type === 'boolean') return '`true`, `false`';
  if (node.type === 'integer') return `integer${boundsOf(node)}`;
  return node.format === undefined ? 'text' : (FORMATS[node.format] ?? node.format.replaceAll('-', ' '));
}

const boundsOf = ({ minimum, maximum }: SchemaNode): string =>
  minimum === undefined || maximum === undefined ? '' : ` ${minimum}..${maximum}`;

const FORMATS: Readonly<Record<string, string>> = {
  'sip-uri': 'SIP URI',
  'sip-target': 'SIP URI',
  'sip-proxy': 'SIP URI',
  'sip-listen': 'listen address',
  cidr: 'CIDR block',
  'host-port': 'host:port',
  'http-url': 'URL',
  'redis-url': 'URL',
  'did-pattern': 'number or prefix',
  'header-name': 'name of a header',
  'failure-match': 'outcome, code or class',
  'number-format': 'text',
};
