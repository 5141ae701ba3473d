import { bad, good, warn, type Finding } from '../../ports/finding.js';

/** What one server says about itself. */
export interface ServerFacts {
  /** Fields of INFO. */
  readonly info: ReadonlyMap<string, string>;
  /** Value of CONFIG GET save, `null` when that is not allowed. */
  readonly save: string | null;
  /** Its clock against ours, in ms. */
  readonly clockAheadMs: number;
}

/** Scripts use what Redis has since 6.2. */
const OLDEST = [6, 2] as const;
/** Leases are counted by Redis itself; times in records and logs are not, and are compared by people. */
const CLOCK_MS = 1000;

export function serverFindings(about: string, facts: ServerFacts): readonly Finding[] {
  return [version, role, eviction, disk, replicas, clock].map((look) => look(about, facts));
}

const field = ({ info }: ServerFacts, name: string): string => info.get(name) ?? '';

function version(about: string, facts: ServerFacts): Finding {
  const said = field(facts, 'redis_version');
  const [major = 0, minor = 0] = said.split('.').map(Number);
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return old
    ? bad(about, `is version ${said}`, `install ${OLDEST.join('.')} or later`)
    : good(about, `lets us in, version ${said}`);
}

function role(about: string, facts: ServerFacts): Finding {
  return field(facts, 'role') === 'slave'
    ? bad(
        about,
        'is a replica and takes no writes',
        'name its master in store, or the sentinels that know it',
      )
    : good(about, 'is a master');
}

function eviction(about: string, facts: ServerFacts): Finding {
  const policy = field(facts, 'maxmemory_policy');
  if (policy === 'noeviction') return good(about, 'evicts nothing');
  const limited = field(facts, 'maxmemory') !== '0';
  const todo = 'set maxmemory-policy noeviction';
  return limited
    ? bad(about, `throws away what it likes when it is full (maxmemory-policy ${policy})`, todo)
    : warn(about, `has maxmemory-policy ${policy}, which begins to matter with the first maxmemory`, todo);
}

function disk(about: string, facts: ServerFacts): Finding {
  const failing = ['aof_last_write_status', 'rdb_last_bgsave_status'].find(
    (name) => field(facts, name) === 'err',
  );
  if (failing !== undefined)
    return bad(about, `cannot write to its disk (${failing}: err)`, 'look into its log; is the disk full?');
  if (field(facts, 'aof_enabled') === '1') return good(about, 'keeps what it has on disk (appendonly)');
  const todo = 'set appendonly yes';
  if (facts.save === '')
    return warn(about, 'keeps nothing on disk: its restart forgets records and live calls', todo);
  return warn(about, 'keeps snapshots only: its restart forgets the last minutes', todo);
}

function replicas(about: string, facts: ServerFacts): Finding {
  const count = Number(field(facts, 'connected_slaves'));
  if (count > 0) return good(about, `has ${count} replica(s)`);
  return good(about, 'has no replica: while it is away, calls go on and a dead engine is not replaced');
}

function clock(about: string, { clockAheadMs }: ServerFacts): Finding {
  const ms = Math.round(Math.abs(clockAheadMs));
  if (ms < CLOCK_MS) return good(about, 'has the same time as this machine');
  const which = clockAheadMs > 0 ? 'ahead of' : 'behind';
  return warn(about, `is ${(ms / 1000).toFixed(1)} s ${which} this machine`, 'run NTP on both');
}
