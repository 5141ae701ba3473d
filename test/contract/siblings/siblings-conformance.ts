import { afterEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../src/errors.js';
import type { EngineId } from '../../../src/ports/call-book.js';
import type { Siblings } from '../../../src/ports/siblings.js';

export const engineId = (name: string): EngineId => name as EngineId;

const A = engineId('eng_a');
const B = engineId('eng_b');

/** What every adapter promises, and engines build on. */
export function siblingsConformance(name: string, make: (engine: EngineId) => Siblings): void {
  describe(`${name}: siblings conformance`, () => {
    const started: Siblings[] = [];
    afterEach(async () => {
      for (const one of started.splice(0)) await one.stop();
    });

    async function start(
      engine: EngineId,
      answer: (question: unknown) => Promise<unknown> = () => Promise.resolve(null),
    ): Promise<Siblings> {
      const siblings = make(engine);
      started.push(siblings);
      await siblings.start(answer);
      return siblings;
    }

    it('asks and is answered, whatever JSON can say, each question with its own answer', async () => {
      const a = await start(A);
      await start(B, (question) => Promise.resolve({ heard: question }));
      const questions = Array.from({ length: 200 }, (_, n) => ({ n, text: 'ä\n"', list: [null, 1.5, true] }));
      const answers = await Promise.all(questions.map((question) => a.ask(B, question)));
      expect(answers).toEqual(questions.map((heard) => ({ heard })));
    });

    it('answers in any order, and both ways at once', async () => {
      const release: (() => void)[] = [];
      const a = await start(A, () => Promise.resolve('from a'));
      const b = await start(B, (question) => {
        const { slow } = question as { slow: boolean };
        if (!slow) return Promise.resolve('quick');
        return new Promise((resolve) => release.push(() => resolve('slow')));
      });
      const slow = a.ask(B, { slow: true });
      expect(await a.ask(B, { slow: false })).toBe('quick');
      expect(await b.ask(A, {})).toBe('from a');
      for (const go of release) go();
      expect(await slow).toBe('slow');
    });

    it('nothing is an answer too', async () => {
      const a = await start(A);
      await start(B, () => Promise.resolve(undefined));
      expect(await a.ask(B, { q: 1 }).catch(String)).toBeNull();
    });

    it('an AppError comes as it was', async () => {
      const a = await start(A);
      const fields = [{ path: 'target', message: 'is wrong' }];
      const error = new AppError('transfer_pending', 'transfer tr_1 is pending', fields, {
        transferId: 'tr_1',
      });
      await start(B, () => Promise.reject(error));
      const got: unknown = await a.ask(B, { q: 1 }).catch((thrown: unknown) => thrown);
      expect(got).toBeInstanceOf(AppError);
      expect(got).toMatchObject({
        ...{ code: 'transfer_pending', detail: 'transfer tr_1 is pending', fields },
        extra: { transferId: 'tr_1' },
      });
    });

    it('any other failure tells nothing of its inside', async () => {
      const a = await start(A);
      await start(B, () => Promise.reject(new Error('password is 1234')));
      const got: unknown = await a.ask(B, { q: 1 }).catch((thrown: unknown) => thrown);
      expect(got).toMatchObject({ code: 'internal' });
      expect(String(got)).not.toContain('1234');
    });

    it('an engine that stopped is refused', async () => {
      const a = await start(A);
      const b = await start(B);
      await b.stop();
      expect(await a.ask(B, { q: 1 }).catch((thrown: unknown) => thrown)).toMatchObject({
        code: 'engine_unreachable',
        detail: expect.stringContaining(B) as unknown,
      });
    });

    it('what was asked and is not answered is refused when the asking engine stops', async () => {
      const a = await start(A);
      await start(B, () => new Promise(() => undefined));
      const answer = a.ask(B, { q: 1 }).catch((thrown: unknown) => thrown);
      await a.stop();
      expect(await answer).toMatchObject({ code: 'engine_unreachable' });
    });

    it('an engine may ask itself', async () => {
      const a = await start(A, (question) => Promise.resolve({ heard: question }));
      expect(await a.ask(A, { q: 1 })).toEqual({ heard: { q: 1 } });
    });
  });
}
