import { campaign, type Report } from './campaign.js';
import { recording } from './coverage.js';

/** A campaign's report and the arrows of the table it took. */
export interface ShareReport extends Report {
  readonly arrows: readonly string[];
}

// One process of a campaign on all cores: its seeds are its arguments, its report is its message to the parent.
const [from, count] = process.argv.slice(2).map(Number);
const seen = new Set<string>();
const report: ShareReport = { ...campaign(from ?? 1, count ?? 0, recording(seen)), arrows: [...seen] };
process.send?.(report);
