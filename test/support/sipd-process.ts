import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Address } from './sip-phone/index.js';

const PROGRAM = resolve(import.meta.dirname, '../../dist/embedded/sip-server/main.js');

/** The built `switchhook-sipd` as a process that belongs to no engine and outlives them. */
export class SipdProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where applications connect. */
    readonly admin: { readonly host: string; readonly port: number; readonly secret: string },
    /** Where it takes SIP by UDP. */
    readonly sip: Address,
  ) {}

  static start(...flags: string[]): Promise<SipdProcess> {
    return SipdProcess.at(0, 0, flags);
  }

  private static async at(sip: number, app: number, flags: readonly string[]): Promise<SipdProcess> {
    const addresses = ['--listen', `udp:127.0.0.1:${sip}`, '--admin', `127.0.0.1:${app}`];
    const where = [...addresses, '--allow', '127.0.0.1/32'];
    const child = spawn(process.execPath, [PROGRAM, ...where, ...flags], {
      env: { SWITCHHOOK_SIPD_SECRET: 'two-engines' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const ready = JSON.parse(line) as { listening: string[]; admin: string };
    const portOf = (text = ''): number => Number(text.slice(text.lastIndexOf(':') + 1));
    return new SipdProcess(
      child,
      { host: '127.0.0.1', port: portOf(ready.admin), secret: 'two-engines' },
      { proto: 'udp', host: '127.0.0.1', port: portOf(ready.listening[0]) },
    );
  }

  /** Another one at the same addresses; this one must be gone. */
  again(): Promise<SipdProcess> {
    return SipdProcess.at(this.sip.port, this.admin.port, []);
  }

  freeze(): void {
    this.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
