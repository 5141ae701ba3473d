import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** What Linux tells about processes; `undefined` for one that is gone or not ours to look at. */

/** USER_HZ: the unit of every time in /proc/PID/stat, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/** Fields of /proc/PID/stat from the third (state) on: the second, the name, may hold blanks and brackets. */
function statOf(pid: number | 'self'): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

const seconds = (ticks: string | undefined): number => Number(ticks) / TICKS_PER_SECOND;

/** User and system time of all threads. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined ? undefined : seconds(stat[11]) + seconds(stat[12]);
}

/** User and system time of the children of this process that have ended. */
export function endedChildrenCpuSeconds(): number {
  const stat = statOf('self');
  return stat === undefined ? 0 : seconds(stat[13]) + seconds(stat[14]);
}

export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

const pids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

export const childrenOf = (parent: number): number[] =>
  pids().filter((pid) => statOf(pid)?.[1] === String(parent));

/** Rows of /proc/net/<table> for sockets bound to a port: state and inode. */
function sockets(table: 'udp' | 'tcp' | 'tcp6', port: number): { state: string; inode: string }[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return (read(`/proc/net/${table}`) ?? '')
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix))
    .map((fields) => ({ state: fields[3] ?? '', inode: fields[9] ?? '' }));
}

export const udpPortBound = (port: number): boolean => sockets('udp', port).length > 0;

const LISTEN = '0A';

/** The process that listens on a TCP port of this machine. */
export function listenerOf(port: number): number | undefined {
  const inodes = new Set(
    [...sockets('tcp', port), ...sockets('tcp6', port)]
      .filter(({ state }) => state === LISTEN)
      .map(({ inode }) => `socket:[${inode}]`),
  );
  if (inodes.size === 0) return undefined;
  return pids().find((pid) => openFiles(pid).some((file) => inodes.has(file)));
}

function openFiles(pid: number): string[] {
  const fileOf = (fd: string): string => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  };
  try {
    return readdirSync(`/proc/${pid}/fd`).map(fileOf);
  } catch {
    return [];
  }
}

/** A number of /proc/sys, such as `net.core.rmem_max`. */
export function sysctl(name: string): number | undefined {
  const text = read(`/proc/sys/${name.replaceAll('.', '/')}`);
  return text === undefined ? undefined : Number(text);
}
