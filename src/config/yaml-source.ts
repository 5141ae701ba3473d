import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Path } from '../shape/path.js';

/** A place in the file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlSource {
  readonly value: unknown;
  /** Mistakes of the YAML itself; with any, `value` is not to be used. */
  readonly errors: readonly { readonly place: Place; readonly message: string }[];
  /** Where a path stands; for a path that does not exist, the nearest part of it that does. */
  readonly placeOf: (path: Path) => Place;
}

export function parseYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const errors = document.errors.map((e) => ({ place: place(e.pos[0]), message: oneLine(e.message) }));
  return {
    value: errors.length === 0 ? (document.toJS({ maxAliasCount: 50 }) as unknown) : undefined,
    errors,
    placeOf: (path) => place(offsetOf(document, path)),
  };
}

function offsetOf(document: Document, path: Path): number {
  let offset = 0;
  let node: unknown = document.contents;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    const found = isMap(node)
      ? (node.items.find((pair) => isKey(pair.key, step)) ??
        node.items.find((pair) => isKey(pair.key, `${step}File`)))
      : undefined;
    if (isMap(node) && found !== undefined) {
      offset = startOf(found.key) ?? offset;
      node = found.value;
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

const isKey = (key: unknown, step: string | number): boolean =>
  isScalar(key) ? String(key.value) === String(step) : false;

const startOf = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];

const oneLine = (text: string): string => text.split('\n', 1)[0] ?? text;
