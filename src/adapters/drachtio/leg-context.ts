import type { Link } from './link.js';
import type { Deadlines, DrachtioLog } from './options.js';

/** What every leg is made with. */
export interface LegContext {
  readonly link: Link;
  readonly log: DrachtioLog;
  readonly deadlines: Deadlines;
}
