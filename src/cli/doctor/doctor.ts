import { ConfigError, type ConfigSource, loadConfig } from '../../config/load-config.js';
import type { Config } from '../../config/schema.js';
import { bad, good, type Finding } from '../../ports/finding.js';
import { oneLine, type ClientIo, type ExitCode } from '../io.js';
import { checkEngine } from './check-engine.js';
import { checkMachine } from './check-machine.js';
import { checkReach } from './check-reach.js';
import { checkPorts, checkServers } from './check-servers.js';
import type { Probes } from './probes.js';

/**
 * `switchhook doctor`: what is wrong with everything the engine depends on, and what to do about it, one line each or
 * as JSON. Nothing is changed anywhere. Exit 1 when the engine neither runs nor could start, or would not work.
 */
export async function runDoctor(
  source: ConfigSource,
  io: ClientIo,
  probes: Probes,
  json = false,
): Promise<ExitCode> {
  const findings = await examine(source, io, probes);
  const ok = findings.every(({ verdict }) => verdict !== 'bad');
  io.stdout.write(json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : findings.map(lineOf).join(''));
  return ok ? 0 : 1;
}

async function examine(source: ConfigSource, io: ClientIo, probes: Probes): Promise<readonly Finding[]> {
  try {
    const config = loadConfig(source);
    return [configured(config, source.file), ...(await dependencies(config, io, probes))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.lines.map((line) => bad('configuration', line, 'docs/config.md has every key'));
  }
}

function configured({ trunks, channels }: Config, file: string): Finding {
  const counted = `${Object.keys(trunks).length} trunk(s), ${Object.keys(channels).length} channel(s)`;
  return good(`configuration ${file}`, `is right: ${counted}`);
}

/** A running engine holds its own ports, so they are only looked at when the API does not answer. */
async function dependencies(config: Config, io: ClientIo, probes: Probes): Promise<readonly Finding[]> {
  const [running, ...others] = await Promise.all([
    checkEngine(config, io),
    checkServers(config, probes),
    checkReach(config, probes),
    checkMachine(config, probes),
  ]);
  return [...(running ?? (await checkPorts(config, probes))), ...others.flat()];
}

const WORDS = { ok: 'ok  ', warn: 'warn', bad: 'bad ' } as const;

function lineOf({ verdict, about, says, todo }: Finding): string {
  return `${WORDS[verdict]} ${oneLine(`${about}: ${says}`)}${todo === null ? '' : `; ${oneLine(todo)}`}\n`;
}
