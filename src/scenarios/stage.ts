import { join } from 'node:path';
import { baseConfig, overlay, type DrachtioServer } from './base-config.js';
import { EngineProcess, type EngineCommand } from './engine-process.js';
import { EVENT_SECRET, EventReceiver } from './event-receiver.js';
import { textOf, type ScenarioFailure } from './failure.js';
import { fileOf, type ScenarioFile } from './load-scenario.js';
import { Places } from './places.js';
import type { Ports } from './ports.js';
import { bracketed, SippParty } from './sipp-party.js';
import { startParty } from './start-parties.js';

/** What all scenarios of a run share. */
export interface Theatre {
  /** Absolute path of `sip-scenarios`. */
  readonly home: string;
  readonly engine: EngineCommand;
  readonly sipp: string;
  readonly ports: Ports;
  /** A drachtio-server to play on; `null`: every engine starts the embedded one. */
  readonly server: DrachtioServer | null;
}

/** One scenario's world: a fresh engine, the bot's event receiver, the parties; built, then torn down whole. */
export class Stage {
  readonly places = new Places();
  readonly receiver = new EventReceiver();
  readonly parties = new Map<string, SippParty>();
  private engineProcess: EngineProcess | undefined;
  private running: AbortSignal | undefined;

  constructor(
    private readonly theatre: Theatre,
    private readonly file: ScenarioFile,
    /** Where logs of this scenario go. */
    private readonly directory: string,
  ) {}

  /** On a drachtio-server instead of the embedded one. */
  get onDrachtio(): boolean {
    return this.theatre.server !== null;
  }

  get engine(): EngineProcess {
    if (this.engineProcess === undefined) throw new Error('the stage is not built yet');
    return this.engineProcess;
  }

  /** Everything but the parties: they start when the engine is ready. */
  async build(signal: AbortSignal): Promise<void> {
    this.running = signal;
    const { scenario } = this.file;
    const { ports, engine, server } = this.theatre;
    const sipPort = server?.sip.port ?? (await ports.free(scenario.address));
    const apiPort = await ports.free('127.0.0.1');
    const eventsUrl = await this.receiver.start();
    this.places.set('events', eventsUrl);
    this.places.set('secret', EVENT_SECRET);
    this.places.set('engine', `${bracketed(scenario.address)}:${sipPort}`);
    await this.castParties(sipPort);
    const [bot, target] = [this.places.get('bot'), this.places.get('target')];
    const places = { address: scenario.address, sipPort, server, apiPort, eventsUrl, bot, target };
    const base = baseConfig(places);
    const config = overlay(base, this.places.fill(scenario.engine, 'engine'));
    this.engineProcess = new EngineProcess(engine, this.directory, `http://127.0.0.1:${apiPort}`);
    await this.engineProcess.start(config, signal);
  }

  /** Starts a party that waits. Resolves when it can be called, if it is one that is called. */
  begin(party: SippParty): Promise<void> {
    if (this.running === undefined) throw new Error('the stage is not built yet');
    return startParty(party, this.theatre.sipp, this.file.scenario.deadlineMs, this.running);
  }

  /** Stops whatever is there. Returns what the engine's own end was like. */
  async strike(): Promise<ScenarioFailure | undefined> {
    const end = await this.engineProcess?.stop();
    await Promise.all([...this.parties.values()].map((party) => party.stop()));
    await this.receiver.stop();
    return end;
  }

  /** A ladder, or why there is none. */
  async ladder(path: string): Promise<string> {
    try {
      const { body } = await this.engine.request('GET', path, { accept: 'text/plain' });
      return typeof body === 'string' ? body : JSON.stringify(body);
    } catch (error) {
      return `(no ladder: ${textOf(error)})`;
    }
  }

  async engineTail(): Promise<string> {
    return (await this.engineProcess?.tail()) ?? '(not started)';
  }

  private async castParties(sipPort: number): Promise<void> {
    const { scenario, directory } = this.file;
    for (const [name, party] of Object.entries(scenario.parties)) {
      const address = party.address ?? scenario.address;
      const port = await this.theatre.ports.free(address);
      const media = await this.theatre.ports.free(address);
      const place = { address, port, media, engine: { address: scenario.address, port: sipPort } };
      const files = {
        xml: fileOf(this.theatre.home, directory, party.sippFile),
        csv: party.csv === undefined ? undefined : fileOf(this.theatre.home, directory, party.csv),
        logs: join(this.directory),
      };
      this.parties.set(name, new SippParty(name, party, place, files));
      this.places.set(name, `${bracketed(address)}:${port}`);
      this.places.set(`${name}.port`, String(port));
      this.places.set(`${name}.media`, String(media));
    }
  }
}
