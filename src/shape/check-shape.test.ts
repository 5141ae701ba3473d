import { Ajv } from 'ajv';
import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { checkShape } from './check-shape.js';
import { closest } from './closest.js';
import { formatPath } from './path.js';

const schema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 5 }),
    size: Type.Integer({ minimum: 1, maximum: 9, default: 3 }),
    mode: Type.Optional(Type.Enum(['direct', 'anchored'])),
    on: Type.Optional(Type.Boolean()),
    server: Type.Optional(
      Type.Union([
        Type.Literal('embedded'),
        Type.Object({ kind: Type.Literal('a'), x: Type.Integer() }, { additionalProperties: false }),
        Type.Object({ kind: Type.Literal('b'), y: Type.Integer() }, { additionalProperties: false }),
        Type.Array(Type.Integer(), { minItems: 1, maxItems: 2 }),
      ]),
    ),
    byName: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z]{1,3}$' }), Type.Integer())),
  },
  { additionalProperties: false },
);

const check = (value: unknown, substituted?: ReadonlySet<string>) => {
  const checked = checkShape(schema, value, { formats: {}, ...(substituted && { substituted }) });
  return {
    value: checked.value,
    problems: checked.problems.map((p) => `${formatPath(p.path)}: ${p.message}`),
  };
};

describe('checkShape', () => {
  it('fills defaults in and leaves the input alone', () => {
    const input = Object.freeze({ name: 'x' });
    expect(check(input)).toEqual({ value: { name: 'x', size: 3 }, problems: [] });
  });

  it('reports every mistake with its path', () => {
    expect(check({ nme: 'x', size: 10, mode: 'anchord', on: 'yes' }).problems).toEqual([
      'nme: unknown key; did you mean "name"?',
      'size: must be a whole number from 1 to 9, not 10',
      'mode: must be one of direct, anchored, not this text; did you mean "anchored"?',
      'on: must be true or false, not this text',
      'name: is missing; give text',
    ]);
  });

  it('judges a union by the variant that was meant', () => {
    expect(check({ name: 'x', server: { kind: 'b', y: 'q' } }).problems).toEqual([
      'server.y: must be a whole number, not this text',
    ]);
    expect(check({ name: 'x', server: { y: 1 } }).problems).toEqual(['server.kind: is missing; give b']);
    expect(check({ name: 'x', server: 'embeded' }).problems[0]).toMatch(
      /must be embedded or a mapping.*"embedded"/,
    );
    expect(check({ name: 'x', server: [1, 'q', 3] }).problems).toEqual([
      'server: has more than 2 items',
      'server[1]: must be a whole number, not this text',
    ]);
    expect(check({ name: 'x', server: null }).problems[0]).toContain('not empty');
  });

  it('never shows the text it refuses: it may be a secret', () => {
    expect(check({ name: 'x', size: 'hunter2' }).problems.join()).not.toContain('hunter2');
  });

  it('takes text for a number or boolean only where it came from a variable', () => {
    expect(check({ name: 'x', size: '7' }).problems).toHaveLength(1);
    expect(check({ name: 'x', size: '7', on: 'true' }, new Set(['size', 'on']))).toEqual({
      value: { name: 'x', size: 7, on: true },
      problems: [],
    });
  });

  it('is not fooled by __proto__', () => {
    const hostile: unknown = JSON.parse('{"name":"x","__proto__":{"size":1},"byName":{"__proto__":1}}');
    expect(check(hostile).problems).toHaveLength(2);
  });

  it('agrees with Ajv on what is valid', () => {
    const valid = new Ajv({ strict: false }).compile({
      ...schema,
      required: ['name'],
      properties: {
        ...schema.properties,
        byName: { ...schema.properties.byName, additionalProperties: false },
      },
    });
    const scalar = fc.oneof(
      fc.integer({ min: -2, max: 12 }),
      fc.constantFrom('', 'x', 'direct', 'embedded', 'toolong'),
      fc.boolean(),
      fc.constant(null),
    );
    const server = fc.oneof(
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.record({ kind: fc.constantFrom('a', 'b', 'c'), x: scalar, y: scalar }, { requiredKeys: [] }),
    );
    const document = fc.record(
      {
        name: fc.oneof(fc.constantFrom('x', 'abc'), scalar),
        size: scalar,
        mode: scalar,
        on: scalar,
        server,
        byName: fc.dictionary(fc.constantFrom('a', 'abc', 'abcd', 'A'), scalar),
        other: scalar,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(document, (value) => {
        expect(check(value).problems.length === 0).toBe(valid(value));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('closest', () => {
  it.each([
    ['prxy', 'proxy'],
    ['chanels', 'channels'],
    ['ALLOW', 'allow'],
    ['lalow', 'allow'],
    ['zebra', undefined],
    ['x'.repeat(100), undefined],
  ])('%s -> %s', (word, meant) => expect(closest(word, ['allow', 'proxy', 'channels'])).toBe(meant));
});

describe('formatPath', () => {
  it('reads like the file', () => {
    expect(formatPath(['a', 'b-c', 0, 'X Y', '4xx'])).toBe('a.b-c[0]["X Y"].4xx');
  });
});
