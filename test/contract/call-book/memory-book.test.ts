import { createMemoryCallBook } from '../../../src/adapters/memory/call-book.js';
import { CallShelf } from '../../../src/adapters/memory/call-shelf.js';
import { FakeClock } from '../../support/fake-clock.js';
import { named, notes, type BookBench } from './book-bench.js';
import { bookConformance } from './book-conformance.js';

function memoryBench(): BookBench {
  const clock = new FakeClock();
  const shelf = new CallShelf(clock);
  return {
    open: async (name) => {
      const book = createMemoryCallBook(named(name), shelf);
      const { reader, ...told } = notes();
      await book.start(reader);
      const [cut, mend] = [() => shelf.cut(book.engine), () => shelf.mend(book.engine)];
      return { book, ...told, cut, mend };
    },
    tick: () => clock.advance(100),
    close: () => Promise.resolve(),
  };
}

bookConformance('memory', memoryBench);
