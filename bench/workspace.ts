import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ports } from '../src/scenarios/ports.js';

const dist = join(import.meta.dirname, '..', 'dist');
/** What is measured is what is shipped: the built programs. */
export const DIST_MAIN = join(dist, 'main.js');
export const DIST_SIPD = join(dist, 'embedded', 'sip-server', 'main.js');

/** A directory for logs and generated files, and ports nobody else of this run has. */
export class Workspace {
  readonly directory = mkdtempSync(join(tmpdir(), 'switchhook-bench-'));
  private readonly ports = new Ports(process.pid * 50);
  private files = 0;

  port(): Promise<number> {
    return this.ports.free('127.0.0.1');
  }

  /** A path no other file of the run has. */
  file(name: string): string {
    this.files += 1;
    return join(this.directory, `${this.files}-${name}`);
  }

  /** Also callable from an exit handler. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
