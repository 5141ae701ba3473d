import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallDetailRecord, CdrSink } from '../../../src/ports/cdr.js';
import { aCdr } from '../../support/cdr.js';
import { eventually } from '../../support/eventually.js';

export interface SinkUnderTest {
  readonly sink: CdrSink;
  /** Everything kept so far, the oldest first. */
  readonly read: () => Promise<readonly CallDetailRecord[]>;
}

/** What every sink of call detail records promises. `make` gives an empty one. */
export function cdrConformance(name: string, make: () => Promise<SinkUnderTest>): void {
  describe(`${name}: a sink of call detail records`, () => {
    let made: SinkUnderTest;
    beforeEach(async () => {
      made = await make();
    });
    afterEach(() => made.sink.close());

    it('keeps what it is given, whole, in order', async () => {
      const records = Array.from({ length: 200 }, (_, n) => aCdr(n));
      for (const record of records) made.sink.write(record);
      await eventually(made.read).toEqual(records);
    });

    it('has written what it was given when it is closed', async () => {
      for (let n = 0; n < 50; n += 1) made.sink.write(aCdr(n));
      await made.sink.close();
      expect(await made.read()).toHaveLength(50);
    });

    it('may be closed with nothing to do, and twice', async () => {
      await made.sink.close();
      await made.sink.close();
      expect(await made.read()).toEqual([]);
    });
  });
}
