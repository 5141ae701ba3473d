import { describe, expect, it } from 'vitest';
import { runCheckConfig } from './check-config.js';

const source = (yaml: string) => ({ file: 'x.yaml', env: {}, readFile: () => yaml });

describe('switchhook check-config', () => {
  const check = (yaml: string) => {
    let out = '';
    const code = runCheckConfig(source(yaml), {
      stdout: { write: (text) => (out += text) },
      stderr: { write: () => true },
    });
    return { code, out };
  };
  it('says ok, or what is wrong', () => {
    expect(check('')).toEqual({ code: 0, out: 'ok\n' });
    expect(check('a: 1\ndrainMs: -1')).toEqual({
      code: 1,
      out: expect.stringMatching(/^x\.yaml:1:1: a: unknown key.*\nx\.yaml:2:1: drainMs: .*\n$/) as unknown,
    });
  });
});
