import { createMemoryDeadLetters } from '../../../src/adapters/memory/dead-letters.js';
import { createMemoryEndpointSwitches } from '../../../src/adapters/memory/endpoint-switches.js';
import { silentLog } from '../../../src/ports/log.js';
import { deadLettersConformance } from './conformance.js';

deadLettersConformance('memory', (limit) => {
  const logged: string[] = [];
  const log = { ...silentLog, error: (fields: object) => void logged.push(JSON.stringify(fields)) };
  return Promise.resolve({
    letters: createMemoryDeadLetters({ log, ...(limit !== undefined && { limit }) }),
    switches: createMemoryEndpointSwitches(),
    logged,
    stop: () => Promise.resolve(),
  });
});
