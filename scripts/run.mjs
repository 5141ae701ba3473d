// `npm start`, `npm run demo|scenarios|bench`: set up what is missing, then become the program asked for.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, checkNode, installPackages, installSpeech, installTools, root } from './bootstrap.mjs';

const [command = 'start', ...args] = process.argv.slice(2);
checkNode();
installPackages();
// The phones of the scenarios and benchmarks are SIPp's; the engine and the demo need nothing but npm packages.
if (command === 'scenarios' || command === 'bench') installTools();
// What they play is spoken; a configuration of your own says itself what it lacks.
if (command === 'demo' || command === 'scenarios') installSpeech();
build();

const program =
  command === 'bench'
    ? [join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'), join(root, 'bench', 'main.ts')]
    : [join(root, 'dist', 'main.js'), command];
// SIP messages die young: a larger nursery keeps the garbage collector out of the way of calls.
const flags = ['--max-semi-space-size=64'];
const child = spawn(process.execPath, [...flags, ...program, ...args], { stdio: 'inherit', cwd: process.env.INIT_CWD ?? root });
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
