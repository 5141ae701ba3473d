import { cpus, hostname } from 'node:os';

export interface Load {
  readonly sessions: number;
  readonly maxSessions: number;
  readonly sessionsPerSecond: number;
}

/** What a HEARTBEAT tells: drachtio-fsmrf weighs servers by it. */
export class Vitals {
  private readonly startedAt = Date.now();
  private last = cpuTimes();

  constructor(
    private readonly version: string,
    private readonly address: string,
  ) {}

  headers({ sessions, maxSessions, sessionsPerSecond }: Load): Record<string, string> {
    const up = Math.floor((Date.now() - this.startedAt) / 1000);
    return {
      'Event-Info': 'System Ready',
      'Up-Time': `${up} seconds`,
      'Uptime-msec': String(Date.now() - this.startedAt),
      'FreeSWITCH-Version': this.version,
      'FreeSWITCH-Hostname': hostname(),
      'FreeSWITCH-IPv4': this.address.includes(':') ? '127.0.0.1' : this.address,
      'FreeSWITCH-IPv6': this.address.includes(':') ? this.address : '::1',
      'Session-Count': String(sessions),
      'Max-Sessions': String(maxSessions),
      'Session-Per-Sec': String(sessionsPerSecond),
      'Idle-CPU': this.idlePercent().toFixed(6),
    };
  }

  /** Of the whole machine, since it was asked last. */
  private idlePercent(): number {
    const now = cpuTimes();
    const total = now.total - this.last.total;
    const idle = now.idle - this.last.idle;
    this.last = now;
    return total === 0 ? 100 : (100 * idle) / total;
  }
}

function cpuTimes(): { idle: number; total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, total };
}
