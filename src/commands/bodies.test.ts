import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { repliesBody, sessionBodies, simulationBody, transferBody } from './bodies.js';

describe('bodies as /openapi.json shows them', () => {
  it.each([transferBody, repliesBody, simulationBody, ...Object.values(sessionBodies)])(
    'take their own examples, as the parser does',
    ({ schema, examples, parse }) => {
      const validate = new Ajv2020({ strict: false }).compile(schema);
      for (const example of Object.values(examples)) {
        expect(validate(example)).toBe(true);
        expect(() => parse(example)).not.toThrow();
      }
    },
  );
});
