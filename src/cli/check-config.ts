import { ConfigError, type ConfigSource, loadConfig } from '../config/load-config.js';
import type { ExitCode, Io } from './io.js';

/** `switchhook check-config`: `ok`, or every mistake on a line of its own. */
export function runCheckConfig(source: ConfigSource, io: Io): ExitCode {
  try {
    loadConfig(source);
    io.stdout.write('ok\n');
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    io.stdout.write(error.lines.map((line) => `${line}\n`).join(''));
    return 1;
  }
}
