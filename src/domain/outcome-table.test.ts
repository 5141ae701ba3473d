import { describe, expect, it } from 'vitest';
import { codeForCaller, outcomeOf, Q850_OUTCOMES, SIP_OUTCOMES } from './outcome-table.js';
import { OUTCOMES, type Outcome, type Refusal } from './outcome.js';

const refused = (code: number, more: Partial<Refusal> = {}): Refusal => ({
  code,
  reason: 'no',
  q850: null,
  retryAfterMs: null,
  by: 'far_end',
  ...more,
});

describe('SIP status -> outcome, row by row', () => {
  it.each<[readonly number[], Outcome]>([
    [[300, 301, 302, 305, 380], 'not_supported'],
    [[400, 414, 416, 420, 421, 505, 513], 'not_supported'],
    [[401, 407], 'auth_failed'],
    [[402, 403], 'forbidden'],
    [[404, 410, 484, 485, 604], 'invalid_number'],
    [[405, 501], 'not_supported'],
    [[406, 415, 488, 606], 'media_incompatible'],
    [[408], 'no_answer'],
    [[429], 'auth_failed'],
    [[480], 'no_answer'],
    [[481], 'unknown'],
    [[482, 483], 'loop'],
    [[486, 600], 'busy'],
    [[487], 'cancelled'],
    [[491, 422, 499], 'unknown'],
    [[500, 599], 'server_error'],
    [[502, 504], 'unreachable'],
    [[503], 'congestion'],
    [[580], 'media_incompatible'],
    [[603, 607, 608, 699], 'declined'],
  ])('%j is %s', (codes, outcome) => {
    for (const code of codes) expect(outcomeOf(refused(code))).toBe(outcome);
  });

  it('nobody there to say it: our own 408 and 503 are unreachable', () => {
    expect(outcomeOf(refused(408, { by: 'local' }))).toBe('unreachable');
    expect(outcomeOf(refused(503, { by: 'local' }))).toBe('unreachable');
    expect(outcomeOf(refused(487, { by: 'local' }))).toBe('cancelled');
  });

  it('a code outside every class is unknown', () => {
    expect(outcomeOf(refused(799))).toBe('unknown');
  });

  it('knows only outcomes of the contract', () => {
    for (const outcome of [...Object.values(SIP_OUTCOMES), ...Object.values(Q850_OUTCOMES)])
      expect(OUTCOMES).toContain(outcome);
  });
});

const CAUSES: readonly (readonly [readonly number[], Outcome])[] = [
  [[1, 2, 3], 'invalid_number'],
  [[17], 'busy'],
  [[18, 19], 'no_answer'],
  [[20], 'unreachable'],
  [[21], 'declined'],
  [[22], 'invalid_number'],
  [[25], 'loop'],
  [[26], 'declined'],
  [[27], 'unreachable'],
  [[28], 'invalid_number'],
  [[29], 'not_supported'],
  [[34, 38, 41, 42], 'congestion'],
  [[44, 47], 'congestion'],
  [[52, 54, 55], 'forbidden'],
  [[57], 'forbidden'],
  [[58], 'congestion'],
  [[65], 'media_incompatible'],
  [[69, 79], 'not_supported'],
  [[70], 'media_incompatible'],
  [[87], 'forbidden'],
  [[88], 'media_incompatible'],
  [[102], 'timeout'],
  [[111, 127], 'server_error'],
];

describe('Q.850 cause -> outcome, row by row', () => {
  it.each(CAUSES)('%j is %s where the status is vague', (causes, outcome) => {
    for (const q850 of causes)
      for (const code of [480, 487, 503, 603]) expect(outcomeOf(refused(code, { q850 }))).toBe(outcome);
  });

  it.each(CAUSES)('%j changes nothing where the status is plain', (causes) => {
    for (const q850 of causes)
      for (const code of [404, 408, 486, 488, 500, 502]) {
        expect(outcomeOf(refused(code, { q850 }))).toBe(outcomeOf(refused(code)));
      }
  });

  it.each([16, 23, 31])('%i says nothing about why: the status decides', (q850) => {
    for (const code of [480, 487, 503, 603]) {
      expect(outcomeOf(refused(code, { q850 }))).toBe(outcomeOf(refused(code)));
    }
  });

  it('has no row that this table does not name', () => {
    const named = CAUSES.flatMap(([causes]) => causes);
    expect(Object.keys(Q850_OUTCOMES).map(Number).sort()).toEqual([...named].sort());
  });
});

describe('what a caller is told when its bot cannot be had', () => {
  it.each([
    [486, 486],
    [404, 404],
    [503, 503],
    [603, 603],
    [302, 500],
    [401, 500],
    [407, 500],
    [481, 500],
    [491, 500],
    [487, 480],
    [408, 480],
  ])('%i becomes %i', (code, told) => {
    expect(codeForCaller(refused(code)).code).toBe(told);
  });

  it('what no far end said is our own trouble', () => {
    expect(codeForCaller(refused(408, { by: 'local' }))).toEqual({
      code: 503,
      reason: 'Service Unavailable',
    });
  });
});
